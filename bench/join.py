"""The exact all-pairs join: ours against faiss, a tiled product and the published way, in one run, as ratios.

    python -m bench.join [--vectors FILE.npy] [--threshold 0.9] [--threads 2] [--rounds 3] [--json FILE]

FILE.npy holds float32 (n, d), embeddings of texts. Without it the vectors are drawn: 24,790 of 384 dimensions with the
spectrum of sentence embeddings of image captions (MiniLM on COCO), a fifth of them variants of others, as captions are.
Rounds alternate and ratios are of medians, so that what else the machine does falls on all; on a busy machine the ratio
of processor time is the one to trust. Exits with 1 when any of them finds other pairs.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import faiss
import numpy as np
import torch
from threadpoolctl import threadpool_limits

from faultfinder.tools.join import join
from faultfinder.tools.ports import FloatArray

TILE = 2048
BATCH = 1024  # rows at a time in the released code of MultiMon
ROUNDING = 1e-6  # a pair nearer to the threshold than this may fall to either side in float32

Pairs = set[tuple[int, int]]
Way = Callable[[FloatArray, float], Pairs]


@dataclass(frozen=True)
class Measured:
    """One way to join, against ours."""

    way: str
    pairs: int
    seconds: float  # median of the rounds, on this machine as busy as it was
    ratio: float  # seconds, theirs by ours
    ratio_of_work: float  # processor seconds, theirs by ours
    differing: int  # pairs not found by both, beyond rounding at the threshold


def main() -> int:
    """Measure, print a table, write JSON when asked to; return 1 when the pairs differ."""
    options = _options()
    vectors = np.load(options.vectors, allow_pickle=False) if options.vectors else drawn_vectors(options.seed)
    torch.set_num_threads(options.threads)
    faiss.omp_set_num_threads(options.threads)
    with threadpool_limits(options.threads):
        measured = measure(vectors, options.threshold, options.rounds)
    print(f"{vectors.shape[0]} vectors of {vectors.shape[1]}, cosine >= {options.threshold}, {options.threads} threads")
    for row in measured:
        print(
            f"{row.way:>22}  {row.ratio:6.2f} x time  {row.ratio_of_work:6.2f} x work  ({row.seconds:.2f} s here)  "
            f"{row.pairs} pairs, {row.differing} not the same"
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in measured], indent=1) + "\n")
    return int(any(row.differing for row in measured))


def measure(vectors: FloatArray, threshold: float, rounds: int) -> list[Measured]:
    """Join every way, several times in turn. Ours comes first."""
    ways: dict[str, Way] = {
        "ours": ours,
        "faiss range_search": faiss_range_search,
        "tiled product": tiled_product,
        "as MultiMon publishes": published,
    }
    found: dict[str, Pairs] = {}
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, run in ways.items():
            wall, work = time.perf_counter(), time.process_time()
            found[way] = run(vectors, threshold)
            times[way].append((time.perf_counter() - wall, time.process_time() - work))
    middle = {way: [statistics.median(column) for column in zip(*times[way], strict=True)] for way in ways}
    return [
        Measured(
            way=way,
            pairs=len(found[way]),
            seconds=middle[way][0],
            ratio=middle[way][0] / middle["ours"][0],
            ratio_of_work=middle[way][1] / middle["ours"][1],
            differing=_differing(vectors, threshold, found["ours"] ^ found[way]),
        )
        for way in ways
    ]


def ours(vectors: FloatArray, threshold: float) -> Pairs:
    """Join as Faultfinder does."""
    found = join(vectors, threshold)
    return set(zip(found.rows.tolist(), found.columns.tolist(), strict=True))


def faiss_range_search(vectors: FloatArray, threshold: float) -> Pairs:
    """Search a flat inner-product index for every vector's surroundings."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    limits, _, columns = index.range_search(vectors, threshold)
    rows = np.repeat(np.arange(len(vectors)), np.diff(limits).astype(np.int64))
    return _above(rows, columns)


def tiled_product(vectors: FloatArray, threshold: float) -> Pairs:
    """Multiply tiles on and above the diagonal in single precision and compare."""
    pairs: Pairs = set()
    for row in range(0, len(vectors), TILE):
        for column in range(row, len(vectors), TILE):
            near = vectors[row : row + TILE] @ vectors[column : column + TILE].T >= threshold
            rows, columns = np.nonzero(near)
            pairs |= _above(rows + row, columns + column)
    return pairs


def published(vectors: FloatArray, threshold: float) -> Pairs:
    """Follow MultiMon (arXiv 2306.12105): batches of rows against all rows, the target's half of the work only."""
    embeddings = torch.from_numpy(vectors)
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(vectors), BATCH):
        similarities = torch.matmul(embeddings[start : start + BATCH], embeddings.T)
        rows, columns = (similarities > threshold).nonzero(as_tuple=True)
        pairs += zip((rows + start).tolist(), columns.tolist(), strict=True)
    return {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}


def drawn_vectors(seed: int, n: int = 24_790, d: int = 384) -> FloatArray:
    """Return unit vectors with a falling spectrum, a fifth of them variants of others at cosines about 0.9."""
    rng = np.random.default_rng(seed)
    spectrum = (np.arange(d) + 2.0) ** -0.5
    vectors = rng.standard_normal((n, d)) * spectrum
    variants = rng.choice(n, n // 5, replace=False)
    noise = rng.standard_normal((len(variants), d)) * spectrum * rng.uniform(0.2, 0.8, (len(variants), 1))
    vectors[variants] = vectors[rng.integers(n, size=len(variants))] + noise
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _above(rows: np.ndarray, columns: np.ndarray) -> Pairs:
    above = rows < columns
    return set(zip(rows[above].tolist(), columns[above].tolist(), strict=True))


def _differing(vectors: FloatArray, threshold: float, pairs: Pairs) -> int:
    wide = vectors.astype(np.float64)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True)
    return sum(abs(wide[i] @ wide[j] - threshold) > ROUNDING for i, j in pairs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, help="float32 (n, d) in a .npy file; drawn without it")
    parser.add_argument("--threshold", type=float, default=0.9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="of the drawn vectors")
    parser.add_argument("--json", type=Path, help="write the figures there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
