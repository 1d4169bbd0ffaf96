"""Painters' cards: how faithfully a text-to-image model of the lab paints, attribute by attribute, and who can tell."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from faultfinder.lab.truth import Estimate

Faithfulness = Literal["faithful", "weak", "unclear"]

_HALF = 0.5


class PaintedTruth(BaseModel):
    """What was measured of one attribute by pairs of prompts that differ in it and in nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attribute: str = Field(description="The attribute in which the two prompts differ.")
    shown: Estimate = Field(description="How often a picture shows its own prompt and not the other one.")
    failing: Estimate = Field(description="How often a pair fails: a picture shows the other prompt, or neither.")

    @property
    def verdict(self) -> Faithfulness:
        """Weak where most pairs fail, faithful where most do not, by the ends of the interval."""
        if self.failing.low >= _HALF:
            return "weak"
        return "faithful" if self.failing.high < _HALF else "unclear"


class ParserTruth(BaseModel):
    """How well the parser that reads the pictures can be trusted, on pictures whose scene is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rendered: Estimate = Field(description="Rendered scenes that are read exactly, down to every item's place.")
    painted: Estimate = Field(
        description="Scenes painted by the model after a known plan, of which the content is read as planned."
    )
    sights: Estimate = Field(description="Of those: how often the parser's choice between two captions is the plan's.")


class PictureJudgeTruth(BaseModel):
    """A judge of pictures against the parser, on pairs that the model painted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    judge: str = Field(description="Who looked.")
    threshold: float = Field(description="Margin from which it decides, found on other pictures.")
    pictures: int = Field(description="Pictures that it was measured on.")
    decided: Estimate = Field(description="How many of them it decides.")
    right: Estimate = Field(description="Of those, how often it sees what the parser reads.")
    sensitivity: Estimate = Field(
        description="Of the failing pairs it decides, how many it says fail (other pictures)."
    )
    specificity: Estimate = Field(
        description="Of the passing pairs it decides, how many it says pass (other pictures)."
    )
    true_rate: float = Field(description="Share of the pairs that fail, by the parser.")
    raw_rate: float = Field(description="Share of the pairs that fail, by this judge.")
    corrected_rate: float | None = Field(description="The raw rate, corrected for the judge's errors (Rogan-Gladen).")


class PainterCard(BaseModel):
    """The measured truth about one text-to-image model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="The model's name within the lab.")
    tower: str = Field(description="The encoder whose text tower tells it what to paint.")
    seed: int = Field(description="Seed of the prompts that it was measured on.")
    parser: ParserTruth | None = Field(default=None, description="How well the parser reads; null where not measured.")
    judges: tuple[PictureJudgeTruth, ...] = Field(default=(), description="Judges of pictures, measured.")
    attributes: tuple[PaintedTruth, ...] = Field(description="One entry per attribute.")

    @property
    def weak(self) -> tuple[str, ...]:
        """The attributes that it mostly paints wrong."""
        return tuple(truth.attribute for truth in self.attributes if truth.verdict == "weak")

    @property
    def faithful(self) -> tuple[str, ...]:
        """The attributes that it mostly paints as asked."""
        return tuple(truth.attribute for truth in self.attributes if truth.verdict == "faithful")

    def of(self, attribute: str) -> PaintedTruth:
        """The entry of one attribute.

        Raises:
            KeyError: the card does not speak of that attribute.
        """
        for truth in self.attributes:
            if truth.attribute == attribute:
                return truth
        raise KeyError(f"the card of {self.name} has no attribute {attribute!r}")


def painter_table(cards: Sequence[PainterCard]) -> str:
    """Return a Markdown table of cards: pictures that show their own prompt / pairs that fail, weak ones in bold."""
    rows = ["|  | " + " | ".join(card.name for card in cards) + " |", "| --- " * (len(cards) + 1) + "|"]
    for attribute in (truth.attribute for truth in cards[0].attributes):
        cells = [_cell(card.of(attribute)) for card in cards]
        rows.append(f"| {attribute} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _cell(truth: PaintedTruth) -> str:
    figures = f"{truth.shown.value:.2f} / {truth.failing.value:.2f}"
    return f"**{figures}**" if truth.verdict == "weak" else figures


def read_painter_card(path: Path) -> PainterCard:
    """Read a card.

    Raises:
        FileNotFoundError: there is no such file.
        pydantic.ValidationError: the file is no painter's card.
    """
    return PainterCard.model_validate_json(path.read_text(encoding="utf-8"))


def write_painter_card(card: PainterCard, path: Path) -> None:
    """Write a card; readers see the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    draft.write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    os.replace(draft, path)
