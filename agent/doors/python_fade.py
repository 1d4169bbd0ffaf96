"""Fading from a Python program: `from faultfinder.agent import fade`, with the options and errors of the command."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from faultfinder.agent.events import Listener, silent
from faultfinder.agent.folder.names import checked_name
from faultfinder.memory.errors import OptionError

if TYPE_CHECKING:
    from faultfinder.agent.fading.records import FadeFile, Verdict
    from faultfinder.tools.fading.recipe import Recipe

OUT = "audits"


@dataclass(frozen=True)
class FadeResult:
    """What came of a fade.

    Attributes:
        content: All of `fade.json`.
        folder: Where the changed model is, or the files to tune one with, and `fade.html`.
    """

    content: "FadeFile"
    folder: Path

    @property
    def verdict(self) -> "Verdict":
        """FADED, NOT FADED, REFUSED or EXPORTED."""
        return self.content.verdict


def fade(
    name: str,
    failure: str,
    *,
    pictures: str | Path | None = None,
    guard: float = 0.02,
    cases: int = 500,
    minutes: float = 10.0,
    steps: int = 1400,
    rate: float | None = None,
    batch: int = 64,
    replay: float = 0.5,
    keep: float = 0.1,
    seed: int = 0,
    tuned: str | None = None,
    to: str | Path | None = None,
    out: str | Path = OUT,
    fresh: bool = False,
    progress: Listener | None = None,
) -> FadeResult:
    """Change a model so that a proven failure disappears, and prove that it did; or write files to tune one with.

    Args:
        name: the finished audit's name.
        failure: id of the proven failure: `h3`.
        pictures: pictures with true captions to learn from; None where a world draws its own.
        guard: how much any guarded score may drop.
        cases: of each score on the test part, at most.
        minutes: of training, or of asking a text model, at most.
        steps: of training, at most.
        rate: highest learning rate; None for one that fits the model's size.
        batch: pictures in a step.
        replay: share of what is learned from that is ordinary, and is to stay.
        keep: weight of staying near to the original on that.
        seed: the same seed takes the same inputs.
        tuned: spec of a text model that was tuned elsewhere: prove whether it has lost the failure.
        to: folder for what comes of it; None for one in the audit's own.
        out: folder that holds the audits.
        fresh: start over, what an earlier fade left moved aside.
        progress: told everything that happens, an `Event` at a time.

    Raises:
        OptionError: an option is out of its range.
        AuditError: there is no such audit or failure, or it could not be done.
        FaultfinderError: the base of these and of all others.
    """
    ranges = _within(
        guard=guard,
        cases=cases,
        minutes=minutes,
        steps=steps,
        rate=rate,
        batch=batch,
        replay=replay,
        keep=keep,
        seed=seed,
    )

    from faultfinder.agent.fading.running import Order, run_fade

    order = Order(
        audit=checked_name(name),
        failure=failure,
        to=Path(to) if to is not None else None,
        pictures=str(pictures) if pictures is not None else None,
        guard=guard,
        cases=cases,
        minutes=minutes,
        recipe=ranges.recipe,
        fresh=fresh,
        tuned=tuned,
    )
    return FadeResult(*run_fade(order, Path(out), progress or silent))


class _Ranges(BaseModel):
    """The ranges of the options, as the command line has them."""

    model_config = ConfigDict(strict=True)

    guard: Annotated[float, Field(ge=0, le=1)]
    cases: Annotated[int, Field(ge=50)]
    minutes: Annotated[float, Field(ge=0.05)]
    steps: Annotated[int, Field(ge=1)]
    rate: Annotated[float | None, Field(ge=0)]
    batch: Annotated[int, Field(ge=2)]
    replay: Annotated[float, Field(ge=0, le=0.95)]
    keep: Annotated[float, Field(ge=0)]
    seed: Annotated[int, Field(ge=0)]

    def recipe(self, suiting: float) -> "Recipe":
        """Return the recipe, given the learning rate that suits the model."""
        from faultfinder.tools.fading.recipe import Recipe

        chosen = self.rate if self.rate is not None else suiting
        return Recipe(
            rate=chosen, steps=self.steps, batch=self.batch, replay=self.replay, keep=self.keep, seed=self.seed
        )


def _within(**options: object) -> _Ranges:
    try:
        return _Ranges.model_validate(options)
    except ValidationError as error:
        said = "; ".join(f"{fault['loc'][0]}={fault['input']!r}: {fault['msg'].lower()}" for fault in error.errors())
        raise OptionError(f"{said}. See help(faultfinder.agent.fade).") from error
