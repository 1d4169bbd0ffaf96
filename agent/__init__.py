"""DECIDES: the loop, the strategists, the verdict, the budget, the report, the command line.

A Python program needs three names of it: `audit`, `resume` and `fade`, which are all that the package offers.
"""

from faultfinder.agent.doors.python_api import audit, resume
from faultfinder.agent.doors.python_fade import fade

__all__ = ["audit", "fade", "resume"]
