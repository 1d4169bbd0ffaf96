"""DECIDES: the loop, the strategists, the verdict, the budget, the report, the command line.

A Python program needs two names of it: `audit` and `resume`, which are all that the package offers.
"""

from faultfinder.agent.doors.python_api import audit, resume

__all__ = ["audit", "resume"]
