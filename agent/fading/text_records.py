"""What was written to fine-tune a text model with: part of `fade.json`."""

from pydantic import Field

from faultfinder.memory.records import Record


class ExportedFile(Record):
    """A file of examples."""

    name: str = Field(description="its name in the fade's folder")
    examples: int = Field(description="how many, one on each line")


class Tally(Record):
    """So many of a kind."""

    what: str = Field(description="what is counted")
    count: int = Field(description="how many")


class Exported(Record):
    """Examples for fine-tuning, made of inputs on which nothing is proven."""

    files: tuple[ExportedFile, ...] = Field(description="what was written")
    edited: int = Field(description="edited texts that the model fails at, with the right answer")
    plain: int = Field(description="unedited texts with the right answer, so that the rest does not change")
    with_truth: int = Field(description="examples whose right answer is the truth; of the others it is the model's own")
    inputs: int = Field(description="inputs that they are made of")
    open_inputs: int = Field(description="inputs that they could be made of; all others are left to the proof")
    tried: int = Field(description="edited texts that were tried, each once")
    left_out: tuple[Tally, ...] = Field(description="texts left out, by why")
    by_edit: tuple[Tally, ...] = Field(description="edited texts, by what was done to them")
    asked: int = Field(description="texts that the model was asked, all told")
    minutes: float = Field(description="how long it took to answer them")
    ended: str = Field(description="why gathering ended")
    cut_short: bool = Field(default=False, description="whether the time was up first; with more, the same goes on")
    scoring: str = Field(description="when an answer fails")

    @property
    def share(self) -> float:
        """Share of unedited texts among the examples."""
        return self.plain / max(1, self.plain + self.edited)
