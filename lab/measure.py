"""Measure what an encoder of the lab sees, attribute by attribute, on scenes drawn for the purpose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import ATTRIBUTES, draw_statement, edit
from faultfinder.lab.language import Phrasing, phrase, rewordings
from faultfinder.lab.meaning import Statement
from faultfinder.lab.render import render
from faultfinder.lab.truth import AttributeTruth, Estimate, TruthCard

Floats = npt.NDArray[np.float64]

CARD_CASES = 100
CARD_SEED = 20_000
_MATCHED_JOINERS = 2
"""So many denials ("and no", "without a") differ in one word from the joiner of the same number ("and", "with")."""
_Z95 = 1.959963984540054


class Encoder(Protocol):
    """What can be measured; `embed_images` may be missing an eye (`sees_pictures` False)."""

    name: str
    sees_pictures: bool

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Embed texts as unit rows, float32 (n, d)."""

    def embed_images(self, images: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """Embed pictures as unit rows, float32 (n, d)."""


@dataclass(frozen=True)
class Case:
    """A caption and its edit, each with a picture that it describes, and the caption's rewordings."""

    caption: str
    edited: str
    reworded: list[str]
    pictures: tuple[Image.Image, Image.Image]


def measure(encoder: Encoder, cases: int = CARD_CASES, seed: int = CARD_SEED) -> TruthCard:
    """Measure every attribute on so many fresh cases each."""
    truths = tuple(measure_attribute(encoder, draw_cases(name, cases, seed), name) for name in ATTRIBUTES)
    return TruthCard(name=encoder.name, seed=seed, attributes=truths)


@cache
def draw_cases(attribute: str, cases: int, seed: int) -> tuple[Case, ...]:
    """Draw statements that speak of an attribute, and edit it; every encoder is measured on the same ones."""
    rng = Random(f"measure {attribute} {seed}")
    drawn: list[Case] = []
    while len(drawn) < cases:
        statement = draw_statement(rng)
        edited = edit(attribute, statement, rng)
        if edited is not None:
            drawn.append(_case(statement, edited, rng))
    return tuple(drawn)


def measure_attribute(encoder: Encoder, cases: Sequence[Case], attribute: str) -> AttributeTruth:
    """Measure one attribute on given cases."""
    captions = encoder.embed_texts([case.caption for case in cases])
    edited = encoder.embed_texts([case.edited for case in cases])
    similarity = np.einsum("nd,nd->n", captions, edited).astype(np.float64)
    usual = _usual_similarity(encoder, captions, cases)
    return AttributeTruth(
        attribute=attribute,
        accuracy=_accuracy(encoder, cases, captions, edited) if encoder.sees_pictures else None,
        similarity=_mean(similarity),
        rewording_similarity=_mean(usual),
        agreement=wilson(int((similarity >= usual).sum()), len(cases)),
    )


def wilson(hits: int, n: int) -> Estimate:
    """A rate with its 95 % interval (Wilson 1927)."""
    rate, spread = hits / n, _Z95**2 / n
    centre = (rate + spread / 2) / (1 + spread)
    reach = _Z95 * float(np.sqrt(rate * (1 - rate) / n + spread / (4 * n))) / (1 + spread)
    return _estimate(rate, max(0.0, centre - reach), min(1.0, centre + reach), n)


def _case(statement: Statement, edited: Statement, rng: Random) -> Case:
    phrasing, dice = Phrasing.at_random(rng), rng.getrandbits(64)
    if statement.absent != edited.absent:
        phrasing = replace(phrasing, joiner=phrasing.joiner % _MATCHED_JOINERS)
    caption = phrase(statement, phrasing)
    pictures = [Image.fromarray(render(draw_scene(said, Random(dice)))) for said in (statement, edited)]
    return Case(caption, phrase(edited, phrasing), rewordings(caption), (pictures[0], pictures[1]))


def _usual_similarity(encoder: Encoder, captions: npt.NDArray[np.float32], cases: Sequence[Case]) -> Floats:
    """Per caption the median similarity to its rewordings, float64 (n,)."""
    reworded = encoder.embed_texts([text for case in cases for text in case.reworded])
    ends = np.cumsum([len(case.reworded) for case in cases])[:-1]
    parts = zip(np.split(reworded, ends), captions, strict=True)
    return np.array([np.median(part @ caption) for part, caption in parts], dtype=np.float64)


def _accuracy(
    encoder: Encoder, cases: Sequence[Case], captions: npt.NDArray[np.float32], edited: npt.NDArray[np.float32]
) -> Estimate:
    """Two-way accuracy over both pictures of each case; a tie counts one half."""
    margin = []
    for place, sign in ((0, 1.0), (1, -1.0)):
        seen = encoder.embed_images([case.pictures[place] for case in cases])
        margin.append(sign * np.einsum("nd,nd->n", seen, captions - edited))
    hits = np.concatenate([np.where(part == 0, 0.5, part > 0) for part in margin])
    return wilson(round(float(hits.sum())), len(hits))


def _mean(values: Floats) -> Estimate:
    """A mean with its 95 % interval from the standard error."""
    reach = _Z95 * float(values.std(ddof=1)) / float(np.sqrt(len(values)))
    mean = float(values.mean())
    return _estimate(mean, mean - reach, mean + reach, len(values))


def _estimate(value: float, low: float, high: float, n: int) -> Estimate:
    return Estimate(value=round(value, 4), low=round(low, 4), high=round(high, 4), n=n)
