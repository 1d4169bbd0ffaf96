"""Encoders behind ``python:tests.support.encoders:FACTORY``: sound, blind, slow, and broken in every way there is."""

import os
import re
import time
from collections.abc import Callable, Sequence
from random import Random

import numpy as np

from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.ports import FloatArray

POISON = "FAULTFINDER_TEST_POISON"
SIDES = ("left", "right")
COLOURS = ("red", "blue", "green", "white", "black", "brown")
DOINGS = ("chasing", "kissing", "kicking", "carrying")
_ANIMALS = ("dog", "cat", "horse", "cow", "elephant", "bird", "goat", "fox")
_PLACES = ("garden", "street", "kitchen", "field", "forest")


def sentences(count: int, seed: int = 7) -> list[str]:
    """Write a small corpus, each sentence once."""
    rng = Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        one, other = rng.sample(_ANIMALS, 2)
        text = (
            f"a {rng.choice(COLOURS)} {one} is {rng.choice(DOINGS)} {rng.choice(('the', 'a'))} {rng.choice(COLOURS)} "
            f"{other} in the {rng.choice(SIDES)} corner of {rng.choice(('the', 'a'))} {rng.choice(_PLACES)}"
        )
        made[text] = None
    return list(made)


def sound() -> HashEncoder:
    """Return an encoder that sees every word."""
    return HashEncoder(str.lower, name="sound")


def sideless() -> HashEncoder:
    """Return an encoder that only confuses left with right."""
    return HashEncoder(_without(SIDES), name="sideless")


def blind() -> HashEncoder:
    """Return an encoder that confuses left with right, and colours and doings with one another."""
    return HashEncoder(_without(SIDES, COLOURS, DOINGS), name="blind")


def blind_and_known() -> HashEncoder:
    """Return the blind encoder with an identity, so that its embeddings outlive an audit."""
    encoder = blind()
    encoder.identity = "blind-1"  # type: ignore[attr-defined]
    return encoder


def _without(*groups: Sequence[str]) -> Callable[[str], str]:
    """Return a rewriting that puts the first word of a group for all of its words."""
    first = {word: group[0] for group in groups for word in group}
    return lambda text: re.sub(r"\w+", lambda word: first.get(word[0], word[0]), text.lower())


class Disturbed:
    """The blind encoder, disturbed before it answers."""

    def __init__(self, name: str, disturb: Callable[[Sequence[str]], None]) -> None:
        self.name = name
        self._encoder = blind()
        self._disturb = disturb

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Embed after the disturbance."""
        self._disturb(texts)
        return self._encoder.embed_texts(texts)


class Misshapen:
    """The blind encoder, its answer spoilt."""

    def __init__(self, name: str, spoil: Callable[[FloatArray], FloatArray]) -> None:
        self.name = name
        self._encoder = blind()
        self._spoil = spoil

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Embed and spoil."""
        return self._spoil(self._encoder.embed_texts(texts))


def slow() -> Disturbed:
    """Return an encoder that takes its time with every batch, long enough to be killed in."""
    return Disturbed("slow", lambda texts: time.sleep(0.1))


def sluggish() -> Disturbed:
    """Return an encoder that takes long over every batch, so that what it is asked for is still under way later."""
    return Disturbed("sluggish", lambda texts: time.sleep(0.4))


def raising() -> Disturbed:
    """Return an encoder that always raises."""
    return Disturbed("raising", _raise)


def allergic() -> Disturbed:
    """Return an encoder that raises on the text that the environment's POISON names."""
    poison = os.environ[POISON]
    return Disturbed("allergic", lambda texts: _raise(texts) if poison in texts else None)


def nan() -> Misshapen:
    """Return an encoder that answers NaN."""
    return Misshapen("nan", lambda rows: np.full_like(rows, np.nan))


def misshapen() -> Misshapen:
    """Return an encoder that answers with one row too few."""
    return Misshapen("misshapen", lambda rows: rows[:-1])


def _raise(texts: Sequence[str]) -> None:
    raise RuntimeError(f"CUDA error: an illegal memory access in {len(texts)} texts")
