"""Measure how faithfully a painter paints: pairs of prompts that differ in one attribute, read off the pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from PIL import Image

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import ATTRIBUTES, draw_statement, edit
from faultfinder.lab.language import Phrasing, phrase
from faultfinder.lab.layout import layout_of
from faultfinder.lab.looking import Shown, which
from faultfinder.lab.measure import CARD_SEED, Case, draw_cases, wilson
from faultfinder.lab.painter_truth import PaintedTruth, PainterCard, ParserTruth
from faultfinder.lab.reading import Reading, read
from faultfinder.lab.render import render
from faultfinder.lab.scenes import Scene
from faultfinder.lab.t2i import load_painter, tower_of

if TYPE_CHECKING:
    from faultfinder.lab.painter import ScenePipeline

PARSER_CASES = 500

_BATCH = 50


@dataclass(frozen=True)
class PaintedPair:
    """Two prompts, the picture of each, and what the parser sees in it."""

    first: str
    second: str
    pictures: tuple[Image.Image, Image.Image]
    shown: tuple[Shown, Shown]

    @property
    def fails(self) -> bool | None:
        """Whether a picture shows the other prompt or neither; None where that cannot be told."""
        if self.shown[0] in ("second", "neither") or self.shown[1] in ("first", "neither"):
            return True
        return None if "cannot tell" in self.shown else False


def measure_painter(name: str, cases: int, seed: int = CARD_SEED, *, parser: bool = True) -> PainterCard:
    """Measure every attribute on so many pairs of fresh prompts each, and the parser on known scenes."""
    painter = load_painter(name)
    return PainterCard(
        name=name,
        tower=tower_of(name),
        seed=seed,
        parser=measure_parser(painter, PARSER_CASES, seed) if parser else None,
        attributes=tuple(_truth(painter, attribute, cases, seed) for attribute in ATTRIBUTES),
    )


def paint_pairs(painter: "ScenePipeline", cases: Sequence[Case], seed: int) -> Iterator[PaintedPair]:
    """Paint both prompts of every case with the same dice, and read the pictures."""
    for start in range(0, len(cases), _BATCH):
        part = cases[start : start + _BATCH]
        dice = [seed * 100_003 + start + number for number in range(len(part))]
        firsts = _paint(painter, [case.caption for case in part], dice)
        seconds = _paint(painter, [case.edited for case in part], dice)
        for case, first, second in zip(part, firsts, seconds, strict=True):
            shown = (which(read(first), case.caption, case.edited), which(read(second), case.caption, case.edited))
            yield PaintedPair(case.caption, case.edited, (first, second), shown)


def measure_parser(painter: "ScenePipeline", cases: int, seed: int) -> ParserTruth:
    """Measure the parser on scenes that are known: as rendered, and as painted by the model after a given plan."""
    known = list(_known_scenes(cases, seed))
    read_back = [read(Image.fromarray(render(each.scene))) for each in known]
    painted = [read(image) for image in _painted(painter, known, seed)]
    told = [
        (which(seen, each.caption, each.edited), which(Reading(each.scene, 0.0), each.caption, each.edited))
        for seen, each in zip(painted, known, strict=True)
    ]
    decided = [(seen, true) for seen, true in told if seen != "cannot tell"]
    return ParserTruth(
        rendered=wilson(sum(got.scene == each.scene for got, each in zip(read_back, known, strict=True)), cases),
        painted=wilson(sum(_alike(got.scene, each.scene) for got, each in zip(painted, known, strict=True)), cases),
        sights=wilson(sum(seen == true for seen, true in decided), len(decided)),
    )


@dataclass(frozen=True)
class _Known:
    """A scene, a caption that describes it, and that caption with one attribute changed."""

    scene: Scene
    caption: str
    edited: str


def _known_scenes(n: int, seed: int) -> Iterator[_Known]:
    rng = Random(f"known scenes {seed}")
    while n:
        statement = draw_statement(rng)
        edited = edit(rng.choice(ATTRIBUTES), statement, rng)
        if edited is not None:
            phrasing = Phrasing.at_random(rng)
            yield _Known(draw_scene(statement, rng), phrase(statement, phrasing), phrase(edited, phrasing))
            n -= 1


def _painted(painter: "ScenePipeline", known: Sequence[_Known], seed: int) -> Iterator[Image.Image]:
    """Have known scenes painted: the same things in the same cells, their places within these left to the painter."""
    import torch

    for start in range(0, len(known), _BATCH):
        part = known[start : start + _BATCH]
        layouts = torch.tensor([layout_of(each.scene) for each in part])
        dice = [torch.Generator().manual_seed(seed + start + number) for number in range(len(part))]
        yield from painter.paint([each.caption for each in part], generator=dice, layout=layouts)


def _truth(painter: "ScenePipeline", attribute: str, cases: int, seed: int) -> PaintedTruth:
    pairs = list(paint_pairs(painter, draw_cases(attribute, cases, seed), seed))
    shown = sum((pair.shown[0] == "first") + (pair.shown[1] == "second") for pair in pairs)
    scored = [pair.fails for pair in pairs if pair.fails is not None]
    return PaintedTruth(
        attribute=attribute, shown=wilson(shown, 2 * len(pairs)), failing=wilson(sum(scored), max(1, len(scored)))
    )


def _paint(painter: "ScenePipeline", prompts: list[str], seeds: Sequence[int]) -> list[Image.Image]:
    import torch

    dice = [torch.Generator().manual_seed(seed) for seed in seeds]
    return painter.paint(prompts, generator=dice)


def _alike(first: Scene, second: Scene) -> bool:
    """Whether two scenes show the same: background, and how many of each kind."""
    return first.background is second.background and first.counts() == second.counts()
