"""Train the lab's painter and write its cards: `python -m faultfinder.lab.train_t2i`.

First each tower's embeddings are learned to be read, then what stands where is learned to be planned, then plans are
learned to be painted. What is done is kept in the folder of the run, so a run that was stopped goes on where it was.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from faultfinder.lab.clip import UnknownLabModelError
from faultfinder.lab.measure import CARD_CASES
from faultfinder.lab.t2i import painters, save_painter, tower_of
from faultfinder.lab.truth import card_path

if TYPE_CHECKING:
    from torch.nn import Module

    from faultfinder.lab.painter import SceneCondition, ScenePrior
    from faultfinder.lab.painter_lessons import Lessons
    from faultfinder.lab.painter_training import Trainer

_CAPTIONS, _EPOCHS = 150_000, 8
_PLANS, _PLANNING_RATE = 3_000_000, 1e-3
_PICTURES, _PAINTING_RATE = 300_000, 8e-4
_RUN = Path("t2i-run")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the painter, or measure what is shipped."""
    options = _parser().parse_args(arguments)
    if options.threads:
        import torch

        torch.set_num_threads(options.threads)
    try:
        if options.cards is None:
            _train(options)
        else:
            _write_cards(options.cards or list(painters()), options.cases)
    except (UnknownLabModelError, ValueError, OSError) as error:
        sys.exit(f"train_t2i: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m faultfinder.lab.train_t2i",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--cards", nargs="*", metavar="NAME", help="train nothing; measure these models (default: all), write cards"
    )
    parser.add_argument("--cases", type=int, default=CARD_CASES, help="pairs of prompts per attribute of a card")
    parser.add_argument("--captions", type=int, default=_CAPTIONS, help="captions to learn to read and to plan from")
    parser.add_argument("--plans", type=int, default=_PLANS, help=f"layouts to learn to plan from ({_PLANS:,})")
    parser.add_argument("--pictures", type=int, default=_PICTURES, help=f"pictures to learn to paint ({_PICTURES:,})")
    parser.add_argument("--seed", type=int, default=0, help="seed of weights, scenes and captions (default: 0)")
    parser.add_argument("--threads", type=int, help="torch threads (default: torch's own choice)")
    parser.add_argument("--run", type=Path, default=_RUN, help=f"folder of the run, to go on from (default: {_RUN})")
    parser.add_argument("--denoiser", type=Path, help="begin with the denoiser of these weights, not with random ones")
    parser.add_argument("--out", type=Path, help="file for the weights (default: inside the package)")
    return parser


def _train(options: argparse.Namespace) -> None:
    from safetensors.torch import load_file

    from faultfinder.lab.painter_lessons import SPACES, kept_lessons
    from faultfinder.lab.painter_training import PICTURES, PLANS, Recipe, denoiser_trainer, prior_trainer, under

    run: Path = options.run
    run.mkdir(parents=True, exist_ok=True)
    lessons = kept_lessons(
        run / "lessons.safetensors",
        options.captions,
        f"lessons {options.seed}",
        lambda done, of: _say(f"captions: {done:,} of {of:,}"),
    )
    conditions = {space: _condition(space, run / f"{space}.safetensors", lessons, options.seed) for space in SPACES}
    planning = Recipe(max(1, options.plans // PLANS), options.seed, _PLANNING_RATE)
    planner = prior_trainer(planning, conditions, lessons)
    prior = cast("ScenePrior", _finished(planner, run / "prior.safetensors", "planning"))
    painting = Recipe(max(1, options.pictures // PICTURES), options.seed, _PAINTING_RATE)
    trainer = denoiser_trainer(painting, prior)
    if options.denoiser:
        trainer.begin_with(under("transformer.", load_file(options.denoiser)))
    denoiser = _finished(trainer, run / "denoiser.safetensors", "painting")
    parts: dict[str, Module] = {"prior": prior, "transformer": denoiser}
    parts |= {f"conditions.{name}": part for name, part in conditions.items()}
    _say(f"wrote {save_painter(parts, options.out)}; --cards measures it")


def _finished(trainer: "Trainer", kept: Path, what: str) -> "Module":
    """Take a run to its end, going on where an earlier sitting left it."""
    if kept.is_file():
        trainer.resume(kept)
        _say(f"{what}: going on after {trainer.step:,} of {trainer.recipe.steps:,} steps")
    trainer.run(_Reporter(what, trainer), lambda at: at.save(kept))
    return trainer.trained.eval()


def _condition(space: str, kept: Path, lessons: "Lessons", seed: int) -> "SceneCondition":
    """Return what reads a tower's embeddings, taught now or in an earlier run."""
    from safetensors.torch import load_file, save_file

    from faultfinder.lab.painter import SceneCondition
    from faultfinder.lab.painter_reading import ReadingRecipe, teach_reading

    condition = SceneCondition().eval()
    if kept.is_file():
        condition.load_state_dict(load_file(kept))
        return condition
    reader = teach_reading(
        space,
        lessons,
        ReadingRecipe(_EPOCHS, seed),
        lambda epoch, of, loss: _say(f"reading {space}: epoch {epoch} of {of}, loss {loss:.2f}"),
    )
    _say(f"reading {space}: " + ", ".join(f"{name} {rate:.2f}" for name, rate in reader.accuracy.items()))
    save_file(reader.condition.state_dict(), kept)
    return reader.condition


def _write_cards(names: Sequence[str], cases: int) -> None:
    from faultfinder.lab.measure_t2i import measure_painter
    from faultfinder.lab.painter_truth import painter_table, write_painter_card

    for name in names:
        tower_of(name)
    cards = []
    for name in names:
        cards.append(measure_painter(name, cases, parser="/" not in name))
        write_painter_card(cards[-1], card_path(name))
        _say(f"{name}: weak at {', '.join(cards[-1].weak) or 'nothing'}")
    print(painter_table(cards))


class _Reporter:
    """Prints how far training is and how long it will take."""

    def __init__(self, what: str, trainer: "Trainer") -> None:
        self._what, self._steps = what, trainer.recipe.steps
        self._began, self._started = trainer.step, time.monotonic()

    def __call__(self, step: int, loss: float) -> None:
        rate = (step - self._began) / (time.monotonic() - self._started)
        left = (self._steps - step) / rate / 60
        _say(f"{self._what}: step {step:,} of {self._steps:,}, loss {loss:.4f}, {left:.0f} min left")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
