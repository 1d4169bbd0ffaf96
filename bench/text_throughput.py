"""Captions a second through a CLIP text tower: ours against open_clip's ``encode_text``, in one run, as ratios.

    python bench/text_throughput.py CAPTIONS [--model ViT-B-32] [--captions 2048] [--theirs 256] [--json FILE]

CAPTIONS is a corpus as ``faultfinder audit --corpus`` takes it. The weights are random: they do not change the work.
Both sides tokenise, encode and normalise. Rounds alternate and ratios are of medians, so that what else the machine
does falls on both; on a busy machine ``--threads 1`` with its ratio of processor time is the one to trust.
"""

import argparse
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from faultfinder.tools.corpora import open_corpus
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.torchvision_shim import ensure_torchvision

BATCH = 64  # of open_clip's side; larger ones are no faster there
Encode = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True)
class Measured:
    """One way to encode, against open_clip's."""

    way: str
    captions: int
    ratio: float  # captions a second, ours by theirs
    ratio_of_work: float  # captions a processor second, ours by theirs
    least_cosine: float  # of a caption's vector to open_clip's


def main() -> None:
    """Measure, print a table, write JSON when asked to."""
    options = _options()
    logging.disable(logging.WARNING)
    torch.set_num_threads(options.threads)
    captions = _captions(options.corpus, options.captions)
    measured = measure(options.model, captions, captions[: options.theirs], options.rounds)
    print(f"{options.model}, {options.threads} threads, {len(captions)} captions; encode_text: 1.0")
    for row in measured:
        speed = f"{row.ratio:5.1f} x captions/s  {row.ratio_of_work:5.1f} x work"
        print(f"{row.way:>6}  {speed}  cosine >= {row.least_cosine:.7f}")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in measured], indent=1) + "\n")


def measure(model: str, captions: Sequence[str], few: Sequence[str], rounds: int) -> list[Measured]:
    """Encode all captions our ways and a few theirs, several times in turn."""
    theirs = _encode_text(model)
    ways: dict[str, Encode] = {
        "fp32": open_encoder(f"open_clip:{model}").embed_texts,
        "bf16": open_encoder(f"open_clip:{model}@bf16").embed_texts,
    }
    expected = theirs(few)
    for encode in ways.values():
        encode(few)  # warm up
    usual = _usual({"theirs": (theirs, few), **{way: (encode, captions) for way, encode in ways.items()}}, rounds)
    wall, work = usual["theirs"]
    return [
        Measured(
            way, len(captions), wall / usual[way][0], work / usual[way][1], float((encode(few) * expected).sum(1).min())
        )
        for way, encode in ways.items()
    ]


def _usual(ways: dict[str, tuple[Encode, Sequence[str]]], rounds: int) -> dict[str, np.ndarray]:
    """Return the median wall and processor seconds a caption, float64 (2,), of each way, the ways taken in turn."""
    seconds: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, (encode, texts) in ways.items():
            wall, work = time.perf_counter(), time.process_time()
            encode(texts)
            spent = time.perf_counter() - wall, time.process_time() - work
            seconds[way].append((spent[0] / len(texts), spent[1] / len(texts)))
    return {way: np.median(found, axis=0) for way, found in seconds.items()}


def _encode_text(model: str) -> Encode:
    """Return what open_clip itself does, with the weights that our specs without PRETRAINED get."""
    ensure_torchvision()
    import open_clip

    torch.manual_seed(0)
    clip = open_clip.create_model(model).eval()
    tokenizer = open_clip.get_tokenizer(model)

    def encode(texts: Sequence[str]) -> FloatArray:
        with torch.inference_mode():
            batches = [tokenizer(list(texts[start : start + BATCH])) for start in range(0, len(texts), BATCH)]
            return np.concatenate([clip.encode_text(batch, normalize=True).numpy() for batch in batches])

    return encode


def _captions(corpus: str, count: int) -> list[str]:
    texts = open_corpus(corpus).texts
    return list(texts[:: max(1, len(texts) // count)][:count] if count else texts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", help="COCO captions .json[.gz], .txt, .jsonl or .csv")
    parser.add_argument("--model", default="ViT-B-32")
    parser.add_argument("--captions", type=int, default=2048, help="for our side; 0 for all")
    parser.add_argument("--theirs", type=int, default=256, help="for open_clip's, which is slow")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
