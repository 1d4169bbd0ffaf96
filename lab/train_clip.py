"""Train the lab's encoders and write their truth cards: `python -m faultfinder.lab.train_clip --variant web`."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from faultfinder.lab.clip import LabModel, load, names
from faultfinder.lab.measure import Encoder, measure
from faultfinder.lab.storage import load_weights, save_weights, weights_path
from faultfinder.lab.tokenizer import WordTokenizer
from faultfinder.lab.training import Progress, Recipe, Variant, train
from faultfinder.lab.truth import TruthCard, card_path, table, write_card

_NAMES: dict[Variant, str] = {"web": "clip", "clear": "clip-clear"}
_SAMPLES: dict[Variant, int] = {"web": 134_400, "clear": 140_800}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train one variant, or measure all that is shipped."""
    options = _parser().parse_args(arguments)
    if options.threads:
        import torch

        torch.set_num_threads(options.threads)
    if options.cards:
        _write_cards()
    else:
        samples = options.samples or _SAMPLES[options.variant]
        _train(Recipe(options.variant, samples, options.seed), options.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m faultfinder.lab.train_clip", description=__doc__)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--variant", choices=tuple(_NAMES), help="train on web-like or on clear captions")
    task.add_argument("--cards", action="store_true", help="train nothing; measure every encoder and write its card")
    parser.add_argument("--samples", type=int, help="pictures to train on (default: as the shipped weights)")
    parser.add_argument("--seed", type=int, default=0, help="seed of weights, scenes and captions (default: 0)")
    parser.add_argument("--threads", type=int, help="torch threads (default: torch's own choice)")
    parser.add_argument("--out", type=Path, help="folder for weights and card (default: inside the package)")
    return parser


def _train(recipe: Recipe, out: Path | None) -> None:
    name = _NAMES[recipe.variant]
    weights = out / f"{name}.safetensors" if out else weights_path(name)
    model = train(recipe, _Reporter(recipe.samples))
    save_weights(model, weights)
    print(f"\nwrote {weights}; measuring it", file=sys.stderr)
    tokenizer = WordTokenizer()
    _write_card(LabModel(name, load_weights(weights, tokenizer), tokenizer), out / f"{name}.json" if out else None)


def _write_cards() -> None:
    print(table([_write_card(load(name), None) for name in names()]))


def _write_card(encoder: Encoder, path: Path | None) -> TruthCard:
    card = measure(encoder)
    write_card(card, path or card_path(encoder.name))
    print(f"{card.name}: blind to {', '.join(card.blind) or 'nothing'}", file=sys.stderr)
    return card


class _Reporter:
    """Prints how far training is and how long it will take, on one line of stderr."""

    def __init__(self, samples: int) -> None:
        self._samples, self._started = samples, time.monotonic()

    def __call__(self, progress: Progress) -> None:
        rate = progress.samples / (time.monotonic() - self._started)
        left = (self._samples - progress.samples) / rate
        line = f"{progress.samples:>9,} of {self._samples:,} pictures, loss {progress.loss:.3f}, {rate:,.0f}/s"
        print(f"\r{line}, {left / 60:.1f} min left ", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
