"""How the search went: failures found per test, how different they are, and the map where the audit kept one."""

from collections.abc import Sequence
from itertools import combinations

from pydantic import Field

from faultfinder.agent.explore.covering import covers
from faultfinder.agent.explore.outlook import ENOUGH
from faultfinder.agent.inquiries import Inquiry
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.map_records import MapSnapshot
from faultfinder.memory.records import Decision, Hypothesis, Outcome, Record, Role, Verdict
from faultfinder.tools.edit_diff import describe_edit

SAME = 0.5
"""Share of a finding's failing probes that another finding speaks of, from which the two are one failure."""


class CurvePoint(Record):
    """The audit after one of its tests."""

    tests: int = Field(description="tests so far, further looks at one hypothesis counted")
    found: int = Field(description="different failures proven so far")
    new: str | None = Field(default=None, description="title of the failure this test proved, if it is a new one")


class Diversity(Record):
    """How different the proven failures are from one another."""

    failures: int = Field(description="proven failures")
    twice: int = Field(description="pairs of them that are one failure: most failing probes of one are cases of both")
    distance: float | None = Field(
        description="mean share of words that two failures do not have in common, over all pairs; null below two"
    )


class SearchFacts(Record):
    """How the search went."""

    curve: tuple[CurvePoint, ...] = Field(description="one point a test")
    diversity: Diversity = Field(description="how different the proven failures are")
    map: MapSnapshot | None = Field(
        default=None, description="where it looked, and what going on would bring; null where no map is kept"
    )


def search_facts(ledger: Ledger, inquiries: Sequence[Inquiry]) -> SearchFacts:
    """Read off how the search went.

    Args:
        ledger: the evidence.
        inquiries: the audit's own, with those that prove one failure combined.
    """
    snapshots = ledger.all(MapSnapshot)
    return SearchFacts(
        curve=_curve(ledger, inquiries),
        diversity=diversity(inquiries),
        map=snapshots[-1] if snapshots else None,
    )


def _curve(ledger: Ledger, inquiries: Sequence[Inquiry]) -> tuple[CurvePoint, ...]:
    own = {key: each for each in inquiries for key in (each.hypothesis.id, *each.parts)}
    proven: dict[str, None] = {}
    points: list[CurvePoint] = []
    for verdict in sorted(ledger.all(Verdict), key=lambda each: each.test_number):
        inquiry = own.get(verdict.hypothesis)
        if inquiry is None:
            continue
        stands = verdict.decision is Decision.SUPPORTED and inquiry.decision is Decision.SUPPORTED
        new = stands and inquiry.hypothesis.id not in proven
        if new:
            proven[inquiry.hypothesis.id] = None
        title = inquiry.hypothesis.title if new else None
        points.append(CurvePoint(tests=len(points) + 1, found=len(proven), new=title))
    return tuple(points)


def diversity(inquiries: Sequence[Inquiry]) -> Diversity:
    """Measure how different the proven failures are."""
    proven = [each for each in inquiries if each.decision is Decision.SUPPORTED]
    pairs = list(combinations(proven, 2))
    distances = [_distance(one.hypothesis, other.hypothesis) for one, other in pairs]
    return Diversity(
        failures=len(proven),
        twice=sum(max(_shared(one, other), _shared(other, one)) > SAME for one, other in pairs),
        distance=round(sum(distances) / len(distances), 3) if distances else None,
    )


def _shared(one: Inquiry, other: Inquiry) -> float:
    """Return the share of one's failing probes that another speaks of."""
    failing = [tried.case for tried in one.pick(Role.PROBE, Outcome.FAIL)]
    spoken_of = sum(covers(other.hypothesis, describe_edit(case.a, case.b), case.a, case.b) for case in failing)
    return spoken_of / len(failing) if failing else 0.0


def _distance(one: Hypothesis, other: Hypothesis) -> float:
    """Return one minus the Jaccard index of what two hypotheses are about; kinds of edit count as words."""
    ours, theirs = _about(one), _about(other)
    return 1 - len(ours & theirs) / len(ours | theirs)


def _about(hypothesis: Hypothesis) -> set[str]:
    if hypothesis.rule is None:
        return set(hypothesis.title.lower().split())
    return {*hypothesis.rule.words, f"an edit: {hypothesis.rule.kind}"}


def say_outlook(snapshot: MapSnapshot) -> str:
    """Say what going on would probably bring."""
    if snapshot.hidden is None or snapshot.chance is None:
        return (
            f"The audit had been over {snapshot.passes:.0%} of its map when it ended, so nothing can be said yet of "
            "what is still hidden."
        )
    times = f"{snapshot.passes:.1f}".removesuffix(".0")
    hour = snapshot.chance_next_hour
    soon = "" if hour is None else f"another hour would find something new with a chance of {hour:.0%}, and "
    end = " That is why it stopped by itself." if snapshot.chance < ENOUGH else ""
    return (
        f"After {times} pass{'' if times == '1' else 'es'} over the map, {soon}going on however long with a chance of "
        f"{snapshot.chance:.0%}: {snapshot.hidden:.2f} failures are expected to be still hidden from this kind of "
        f"search.{end}"
    )
