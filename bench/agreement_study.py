"""Measure what the agreement criterion separates: the share of edited sentences a target agrees on, per kind of edit.

A criterion is good when the share is near 0 for what an encoder sees and near 1 for what it does not. Without arguments
the two hashed encoders answer on the lab's captions; docs/agreement.md has the table for real encoders on COCO:

    python -m bench.agreement_study --target sentence-transformers:DIR --corpus captions_val2017.json
"""

import argparse
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from faultfinder.tools.calibration import Agreement, agrees
from faultfinder.tools.corpora import open_corpus
from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.ports import FloatArray, TextEncoder
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.rewording import TemplateRewriter

PER_KIND = 150
FEWEST = 30
ROLES = re.compile(
    r"\b(\w+) ((?:sitting |standing |laying )?(?:on|riding|behind|under|holding|above|wearing) (?:a|the)) (\w+)\b"
)

EXCHANGES = {
    "swapped noun": "dog/train cat/pizza train/dog bus/horse pizza/clock horse/bus clock/elephant elephant/boat "
    "boat/cake table/giraffe bench/bird giraffe/table umbrella/laptop laptop/umbrella kite/sheep",
    "gender": "man/woman woman/man boy/girl girl/boy men/women women/men",
    "action": "sitting/standing standing/sitting walking/sleeping eating/throwing riding/washing holding/kicking "
    "flying/burning running/sleeping",
    "colour": "red/blue blue/red green/yellow yellow/green black/white white/black brown/pink orange/purple",
    "negation": "with/without is/isn't",
    "number": "two/three three/four four/six one/five five/two",
    "size": "large/small small/large big/little little/big tall/short huge/tiny",
    "left/right": "left/right right/left",
    "quantifiers": "many/few several/all some/all all/some few/many every/no both/no most/no",
}


class CharacterHash:
    """Embeds a text by the signed, hashed counts of its character n-grams (3 to 5), blanks included."""

    name = "hashed character n-grams"

    def __init__(self, dim: int = 2048) -> None:
        """Set the length of a vector."""
        self._dim = dim

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, dim), rows of unit length."""
        rows = np.zeros((len(texts), self._dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            padded = f" {text.lower()} "
            for length in (3, 4, 5):
                for start in range(len(padded) - length + 1):
                    code = int.from_bytes(
                        hashlib.blake2b(padded[start : start + length].encode(), digest_size=8).digest()
                    )
                    row[code % self._dim] += 1 if code >> 63 else -1
            row /= np.linalg.norm(row)
        return rows


@dataclass(frozen=True)
class Row:
    """One kind of edit: sentences tried, share agreed on by their own bars and at the corpus-wide threshold."""

    kind: str
    pairs: int
    by_own_bar: float
    at_threshold: float


@dataclass(frozen=True)
class Study:
    """What one encoder agrees on, and its corpus-wide threshold."""

    encoder: str
    threshold: float
    rows: tuple[Row, ...]

    def as_markdown(self) -> str:
        """Return the rows as a table."""
        head = [f"{self.encoder}, threshold {self.threshold:.3f}", ""]
        head += ["| edit | pairs | agreed, own bar | at the threshold |", "|---|---|---|---|"]
        rows = [f"| {r.kind} | {r.pairs} | {r.by_own_bar:.2f} | {r.at_threshold:.2f} |" for r in self.rows]
        return "\n".join(head + rows)


def exchanges(text: str, table: str) -> Iterator[str]:
    """Yield the text with one listed word exchanged, for the first that stands in it."""
    for entry in table.split():
        word, _, put = entry.partition("/")
        edited, found = re.subn(rf"\b{word}\b", put, text, count=1)
        if found:
            yield edited
            return


def swapped_roles(text: str) -> Iterator[str]:
    """Yield the text with the two nouns around a relation swapped."""
    edited, found = ROLES.subn(r"\3 \2 \1", text, count=1)
    if found:
        yield edited


def edited_pairs(texts: Sequence[str], per_kind: int = PER_KIND, seed: int = 0) -> dict[str, list[tuple[str, str]]]:
    """Return per kind up to `per_kind` (text, edited text), drawn with a seed; rare kinds are left out."""
    makers: dict[str, Callable[[str], Iterator[str]]] = {
        kind: lambda text, table=table: exchanges(text, table) for kind, table in EXCHANGES.items()
    }
    makers["swapped roles"] = swapped_roles
    order = Random(seed).sample(list(texts), len(texts))
    found: dict[str, list[tuple[str, str]]] = {}
    for kind, make in makers.items():
        pairs = ((text, edited) for text in order for edited in make(text) if edited != text)
        found[kind] = [pair for pair, _ in zip(pairs, range(per_kind), strict=False)]
    return {kind: pairs for kind, pairs in found.items() if len(pairs) >= min(FEWEST, per_kind)}


def study(encoder: TextEncoder, texts: Sequence[str], per_kind: int) -> Study:
    """Measure the share of edited sentences the encoder agrees on, per kind of edit."""
    agreement = Agreement(encoder, TemplateRewriter())
    threshold = agreement.calibrate(texts).agreement_threshold
    rows = []
    for kind, pairs in edited_pairs(texts, per_kind).items():
        originals, edited = zip(*pairs, strict=True)
        similarities = (encoder.embed_texts(originals) * encoder.embed_texts(edited)).sum(axis=1)
        own = agrees(similarities, agreement.bars(originals)).mean()
        rows.append(Row(kind, len(pairs), float(own), float((similarities >= threshold).mean())))
    return Study(encoder.name, threshold, tuple(rows))


def main() -> None:
    """Study the targets named on the command line, or the hashed encoders, and print a table each."""
    parser = argparse.ArgumentParser(description="What does the agreement criterion separate?")
    parser.add_argument("--target", action="append", default=[], help="spec of an encoder; may be repeated")
    parser.add_argument("--corpus", default="lab", help="'lab' or a file of texts")
    parser.add_argument("--pairs", type=int, default=PER_KIND, help="edited sentences a kind")
    options = parser.parse_args()
    texts = open_corpus(options.corpus).texts
    hashed: list[TextEncoder] = [
        HashEncoder(longest=1, name="hashed words"),
        HashEncoder(longest=2, name="hashed pairs of words"),
        CharacterHash(),
    ]
    for encoder in [open_encoder(spec) for spec in options.target] or hashed:
        print(study(encoder, texts, options.pairs).as_markdown(), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
