"""Mining the corpus for the scout: agreements, minimal edits, neighbours. Everything comes back judged and with its bar."""

import hashlib
from collections.abc import Sequence
from functools import cache

from faultfinder.agent.context import AuditContext
from faultfinder.agent.events import EventKind
from faultfinder.memory.records import MinedPair, Source, TextPair
from faultfinder.tools.agreements import find_agreements
from faultfinder.tools.edit_diff import describe_edit
from faultfinder.tools.neighbours import Neighbours
from faultfinder.tools.ports import FloatArray, TextEncoder
