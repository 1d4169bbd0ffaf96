"""Truth cards: what an encoder of the lab sees and what it is blind to, measured on fresh scenes."""

import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Sight = Literal["seen", "blind", "unclear"]

_HALF = 0.5


class Estimate(BaseModel):
    """A measured mean or rate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float = Field(description="The mean or rate.")
    low: float = Field(description="Lower end of the 95 % interval.")
    high: float = Field(description="Upper end of the 95 % interval.")
    n: int = Field(description="How many cases were measured.")


class AttributeTruth(BaseModel):
    """What was measured of one attribute by minimal edits that change it and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attribute: str = Field(description="The attribute that was edited.")
    accuracy: Estimate | None = Field(
        description="How often a picture is nearer to its own caption than to the edited one; None without pictures."
    )
    similarity: Estimate = Field(description="Cosine of a caption and the edited caption.")
    rewording_similarity: Estimate = Field(
        description="Cosine of a caption and its rewordings, per caption the median."
    )
    agreement: Estimate = Field(
        description="How often the edited caption is at least as close to the caption as the median of its rewordings."
    )

    @property
    def sight(self) -> Sight:
        """Blind where the edit passes for a rewording most of the time, seen where it seldom does."""
        if self.agreement.low >= _HALF:
            return "blind"
        return "seen" if self.agreement.high < _HALF else "unclear"


class TruthCard(BaseModel):
    """The measured truth about one encoder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="The encoder's name within the lab.")
    seed: int = Field(description="Seed of the scenes that it was measured on.")
    attributes: tuple[AttributeTruth, ...] = Field(description="One entry per attribute.")

    @property
    def blind(self) -> tuple[str, ...]:
        """The attributes that the encoder does not see."""
        return tuple(truth.attribute for truth in self.attributes if truth.sight == "blind")

    @property
    def seen(self) -> tuple[str, ...]:
        """The attributes that the encoder sees."""
        return tuple(truth.attribute for truth in self.attributes if truth.sight == "seen")

    def of(self, attribute: str) -> AttributeTruth:
        """The entry of one attribute.

        Raises:
            KeyError: the card does not speak of that attribute.
        """
        for truth in self.attributes:
            if truth.attribute == attribute:
                return truth
        raise KeyError(f"the card of {self.name} has no attribute {attribute!r}")


def card_path(name: str) -> Path:
    """The file of a card that ships with the package; `planted/size` lies in `planted-size.json`."""
    return Path(str(files("faultfinder.lab"))) / "cards" / f"{name.replace('/', '-')}.json"


def read_card(path: Path) -> TruthCard:
    """Read a card.

    Raises:
        FileNotFoundError: there is no such file.
        pydantic.ValidationError: the file is no truth card.
    """
    return TruthCard.model_validate_json(path.read_text(encoding="utf-8"))


def write_card(card: TruthCard, path: Path) -> None:
    """Write a card; readers see the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    draft.write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    os.replace(draft, path)


def table(cards: Sequence[TruthCard]) -> str:
    """Lay cards out as a Markdown table: agreement / similarity / accuracy per attribute, blind ones in bold."""
    names = [truth.attribute for truth in cards[0].attributes]
    head = ["", *(card.name for card in cards)]
    rows = [[name, *(_cell(card.of(name)) for card in cards)] for name in names]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def _cell(truth: AttributeTruth) -> str:
    accuracy = f"{truth.accuracy.value:.2f}" if truth.accuracy else "-"
    text = f"{truth.agreement.value:.2f} / {truth.similarity.value:.3f} / {accuracy}"
    return {"blind": f"**{text}**", "seen": text, "unclear": f"*{text}*"}[truth.sight]
