"""Explorations as they stand once people have said which changed inputs they could not read or judge.

Nothing is overwritten: visits stay in the ledger as they were made, and what was measured is worked out anew. By topic
and region the counts stay as the explorer saw them; both are suspicions only.
"""

from collections.abc import Collection, Sequence

from faultfinder.agent.landscape.rating import Ratings, space_of
from faultfinder.memory.landscape_records import Exploration, Visit
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Outcome
from faultfinder.tools.landscape.measured import measure
from faultfinder.tools.landscape.shape import shape


def settled_explorations(ledger: Ledger) -> list[Exploration]:
    """Return every exploration, inputs that people could not read under an action counted as invalid there."""
    explorations = ledger.all(Exploration)
    unreadable = Ratings(ledger).unreadable if explorations else frozenset()
    if not unreadable:
        return explorations
    visits = ledger.all(Visit)
    places = {(visit.input, visit.action) for visit in visits if visit.id in unreadable}
    return [_settled(found, visits, places) for found in explorations]


def _settled(found: Exploration, visits: Sequence[Visit], places: Collection[tuple[str, int]]) -> Exploration:
    own = [visit for visit in visits if visit.exploration in (found.id, f"{found.id}-unchanged")]
    if not any((visit.input, visit.action) in places for visit in own):
        return found
    space = space_of(found)
    landscape = measure(space, [_invalid(each) if (each.input, each.action) in places else each for each in own])
    return found.model_copy(update={"landscape": landscape, "shape": shape(space, landscape)})


def _invalid(visit: Visit) -> Visit:
    return visit.model_copy(update={"outcome": Outcome.INVALID, "severity": None})
