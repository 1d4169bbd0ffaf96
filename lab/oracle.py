"""An encoder without faults: it embeds the parsed meaning itself."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

from faultfinder.lab.grammar import parse_caption
from faultfinder.lab.meaning import Meaning

DIMENSIONS = 256


class Oracle:
    """Same meaning, same vector; texts that are no captions of the lab's world are embedded by their words."""

    name = "oracle"
    sees_pictures = False

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Embed texts as unit rows, float32 (n, 256)."""
        rows = [_embed(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, DIMENSIONS), dtype=np.float32)

    def embed_images(self, images: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """Refuse: the oracle reads only texts.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(f"the oracle embeds texts only, not {len(images)} pictures")


def _embed(text: str) -> npt.NDArray[np.float32]:
    meaning = parse_caption(text)
    traits = list(_traits(meaning)) if meaning else _word_traits(text)
    total = np.sum([_direction(trait) for trait in traits], axis=0)
    return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


def _traits(meaning: Meaning) -> Iterator[str]:
    """Every part of a meaning in words; two meanings with the same parts are the same."""
    for place, thing in enumerate(meaning.things):
        role = place if meaning.relation else "any"
        yield from (f"{role} {thing.sort.shape}", f"{role} {thing.sort.colour}", f"{role} {thing!r}")
    yield f"things {sorted(map(repr, meaning.things))} {meaning.relation!r}"
    yield f"absent {meaning.absent!r}"
    yield f"background {meaning.background!r}"


def _word_traits(text: str) -> list[str]:
    """The words and neighbouring words of a text, and the text itself, so that order counts."""
    tokens = re.findall(r"\w+", text.lower())
    return [f"text {' '.join(tokens)}", *tokens, *map(" ".join, pairwise(tokens))]


def _direction(trait: str) -> npt.NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(trait.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(DIMENSIONS)
