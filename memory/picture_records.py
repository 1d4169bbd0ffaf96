"""What is painted and what is seen in it: pictures by a generator, and what judges and people make of them.

Pictures themselves are files, `images/<sha>.png` in the audit's folder; records hold their hashes.
"""

from enum import StrEnum

from pydantic import Field

from faultfinder.memory.records import Edit, Judgement, Outcome, Record


class Seen(StrEnum):
    """Which of two texts a picture shows. The order is that of the case, whatever order a judge was asked in."""

    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"
    CANNOT_TELL = "cannot tell"


class Side(StrEnum):
    """Whose prompt a picture was painted from."""

    A = "a"
    B = "b"

    @property
    def meant(self) -> Seen:
        """What the picture shows if the generator did as it was asked."""
        return Seen.FIRST if self is Side.A else Seen.SECOND


class Picture(Record):
    """One picture as it was painted, or the generator's refusal to paint it."""

    id: str = Field(description="hash of generator, prompt and seed")
    prompt: str = Field(description="what was asked for, unchanged")
    seed: int = Field(description="the seed given to the generator")
    generator: str = Field(description="the generator's spec")
    settings: dict[str, str] = Field(
        default_factory=dict, description="device, steps and whatever else shaped the picture"
    )
    image: str | None = Field(description="SHA-256 of the PNG, its name in images/; null where none was painted")
    refused: str = Field(default="", description="why none was painted, in the generator's words")
    usd: float = Field(default=0.0, description="US dollars paid for it, where the price is known")


class Sight(Record):
    """What one judge sees in one picture, asked which of two texts it shows."""

    seen: Seen = Field(description="first, second, neither or cannot tell")
    reason: str = Field(default="", description="why, in a few words")


class Sighting(Record):
    """A sight with what it is about, as the ledger keeps it."""

    id: str = Field(description="case, side and judge")
    case: str = Field(description="id of the case")
    side: Side = Field(description="whose prompt the picture was painted from")
    picture: str = Field(description="id of the picture")
    judge: str = Field(description="who looked")
    sight: Sight = Field(description="what was seen")


class PaintedPair(Record):
    """Two prompts the scout had painted, with what came of it: a generator's counterpart of a mined pair."""

    id: str = Field(description="unique within the audit")
    a: str = Field(description="first prompt")
    b: str = Field(description="second prompt, of different meaning")
    edit: Edit | None = Field(default=None, description="how the two differ, when the difference is a single edit")
    judgement: Judgement = Field(description="whether the difference changes the meaning")
    outcome: Outcome = Field(description="fail: a picture shows the other prompt or neither; pass: each shows its own")
    reason: str = Field(description="what was seen, in a few words")
