"""Train the lab's painter and write its cards: `python -m faultfinder.lab.train_t2i`.

First each tower's embeddings are learned to be read (about two minutes each), then painting. What is done is kept in
the folder of the run, so a run that was stopped goes on where it was.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from faultfinder.lab.clip import UnknownLabModelError
from faultfinder.lab.measure import CARD_CASES
from faultfinder.lab.t2i import painters, save_painter, tower_of
from faultfinder.lab.truth import card_path

if TYPE_CHECKING:
    from faultfinder.lab.painter import SceneCondition
    from faultfinder.lab.painter_reading import ReadingRecipe
    from faultfinder.lab.painter_training import Trainer

SAMPLES = 700_000
"""Pictures of a run, unless told otherwise."""

_CAPTIONS, _EPOCHS = 150_000, 14
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
    parser.add_argument("--captions", type=int, default=_CAPTIONS, help="captions to learn to read the towers from")
    parser.add_argument("--samples", type=int, default=SAMPLES, help=f"pictures to train on (default: {SAMPLES:,})")
    parser.add_argument("--seed", type=int, default=0, help="seed of weights, scenes and captions (default: 0)")
    parser.add_argument("--threads", type=int, help="torch threads (default: torch's own choice)")
    parser.add_argument("--run", type=Path, default=_RUN, help=f"folder of the run, to go on from (default: {_RUN})")
    parser.add_argument("--denoiser", type=Path, help="begin with the denoiser of these weights, not with random ones")
    parser.add_argument("--out", type=Path, help="file for the weights (default: inside the package)")
    return parser


def _train(options: argparse.Namespace) -> None:
    from faultfinder.lab.painter_reading import ReadingRecipe
    from faultfinder.lab.painter_training import SPACES, PainterRecipe, Trainer

    options.run.mkdir(parents=True, exist_ok=True)
    recipe = ReadingRecipe(options.captions, _EPOCHS, options.seed)
    conditions = {space: _condition(space, options.run / f"{space}.safetensors", recipe) for space in SPACES}
    trainer = Trainer(PainterRecipe(options.samples, options.seed), conditions)
    kept = options.run / "run.safetensors"
    if kept.is_file():
        trainer.resume(kept)
        _say(f"going on after {trainer.step:,} of {trainer.steps:,} steps")
    elif options.denoiser:
        trainer.begin_with(options.denoiser)
    trainer.run(_Reporter(trainer), lambda at: at.save(kept))
    _say(f"wrote {save_painter(trainer.average.module.state_dict(), options.out)}; --cards measures it")


def _condition(space: str, kept: Path, recipe: "ReadingRecipe") -> "SceneCondition":
    """Return what reads a tower's embeddings, taught now or in an earlier run."""
    from safetensors.torch import load_file, save_file

    from faultfinder.lab.painter import SceneCondition
    from faultfinder.lab.painter_reading import teach_reading

    condition = SceneCondition()
    if kept.is_file():
        condition.load_state_dict(load_file(kept))
        return condition
    reader = teach_reading(
        space, recipe, lambda epoch, of, loss: _say(f"reading {space}: epoch {epoch} of {of}, loss {loss:.2f}")
    )
    _say(f"reading {space}: " + ", ".join(f"{name} {rate:.2f}" for name, rate in reader.accuracy.items()))
    save_file(reader.condition.state_dict(), kept)
    return reader.condition


def _write_cards(names: Sequence[str], cases: int) -> None:
    from faultfinder.lab.measure_t2i import measure_painter
    from faultfinder.lab.painter_truth import write_painter_card

    for name in names:
        tower_of(name)
    for name in names:
        card = measure_painter(name, cases, parser="/" not in name)
        write_painter_card(card, card_path(name))
        print(
            f"{name}: weak at {', '.join(card.weak) or 'nothing'}; faithful in {', '.join(card.faithful) or 'nothing'}"
        )


class _Reporter:
    """Prints how far training is and how long it will take."""

    def __init__(self, trainer: "Trainer") -> None:
        self._steps, self._began, self._started = trainer.steps, trainer.step, time.monotonic()

    def __call__(self, step: int, loss: float) -> None:
        rate = (step - self._began) / (time.monotonic() - self._started)
        left = (self._steps - step) / rate / 60
        _say(f"step {step:,} of {self._steps:,}, loss {loss:.4f}, {left:.0f} min left")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
