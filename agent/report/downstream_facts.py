"""What a failure does downstream, as `findings.json` tells it: counts, the test, and every pair with its pictures."""

from collections.abc import Mapping

from pydantic import Field

from faultfinder.agent.following import Followed
from faultfinder.agent.inquiries import Inquiry
from faultfinder.agent.judge import count, exact_p
from faultfinder.agent.settling import Settlement
from faultfinder.memory.landscape_records import Specimen
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.picture_records import Picture, Seen, Side, Sighting
from faultfinder.memory.records import Case, Counts, Observation, Outcome, Record, Role


class PaintedSide(Record):
    """One prompt of a pair, painted."""

    image: str | None = Field(description="SHA-256 of the PNG in images/; null where none was painted")
    seed: int = Field(description="the seed it was painted with, the same on both sides")
    seen: Seen | None = Field(description="which of the two prompts it shows; null where nobody looked")
    seen_by: str = Field(description="who says so, and why")


class PaintedCase(Record):
    """One pair of prompts as it was painted and seen."""

    case: str = Field(description="id of the case")
    role: Role = Field(description="probe or control")
    a: str = Field(description="first prompt")
    b: str = Field(description="second prompt")
    outcome: Outcome = Field(description="fail: a picture shows the other prompt or neither")
    reason: str = Field(description="what was seen")
    painted_a: PaintedSide | None = Field(description="the picture of a")
    painted_b: PaintedSide | None = Field(description="the picture of b")


class DownstreamFacts(Record):
    """A proven failure of an encoder, followed into a generator."""

    generator: str = Field(description="spec of the generator")
    judge: str = Field(description="who looked at the pictures")
    probes: Counts = Field(description="how the failure's own probes came out as pictures")
    control: Counts = Field(description="how its controls did")
    p_value: float = Field(description="one-sided exact test of probes against controls; no verdict rests on it")
    cases: tuple[PaintedCase, ...] = Field(description="every pair that was painted")


class Gallery:
    """Everything painted and seen in one audit, by case."""

    def __init__(self, ledger: Ledger) -> None:
        """Read pictures, sightings and people's word once."""
        self._pictures = {picture.id: picture for picture in ledger.all(Picture)}
        self._sightings = {(seen.case, seen.side): seen for seen in ledger.all(Sighting)}
        self._settlement = Settlement(ledger)
        self._specimens = {specimen.case: specimen for specimen in ledger.all(Specimen)}

    def specimen(self, case: str) -> Specimen | None:
        """Return what was kept of a changed input; None where nothing was."""
        return self._specimens.get(case)

    def side(self, case: str, side: Side) -> PaintedSide | None:
        """Return one side of a case as it was painted; None where it was not."""
        sighting = self._sightings.get((case, side))
        picture = self._pictures.get(sighting.picture) if sighting else None
        if sighting is None or picture is None:
            return None
        sight = self._settlement.sights(case)[side]
        judge = sighting.judge if sight == sighting.sight else ""
        return PaintedSide(
            image=picture.image,
            seed=picture.seed,
            seen=sight.seen,
            seen_by=": ".join(part for part in (judge, sight.reason) if part),
        )

    def case(self, case: Case, seen: Observation) -> PaintedCase:
        """Return a case as it was painted and stands."""
        standing = self._settlement.observed(seen)
        return PaintedCase(
            case=case.id,
            role=case.role,
            a=case.a,
            b=case.b,
            outcome=standing.outcome,
            reason=standing.detail,
            painted_a=self.side(case.id, Side.A),
            painted_b=self.side(case.id, Side.B),
        )


def downstream_facts(inquiry: Inquiry, followed: Mapping[str, Followed], gallery: Gallery) -> DownstreamFacts | None:
    """Return what a hypothesis does downstream; None where it was not followed."""
    record = followed.get(inquiry.hypothesis.id)
    if record is None:
        return None
    cases = {attempt.case.id: attempt.case for attempt in inquiry.attempts}
    painted = tuple(gallery.case(cases[seen.case], seen) for seen in record.pairs if seen.case in cases)
    probes, control = (count(each.outcome for each in painted if each.role is role) for role in Role)
    return DownstreamFacts(
        generator=record.generator,
        judge=record.judge,
        probes=probes,
        control=control,
        p_value=exact_p(probes, control),
        cases=painted,
    )
