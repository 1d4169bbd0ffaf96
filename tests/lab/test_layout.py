"""A scene as a painter plans it: every cell accounted for, and drawn as the mean of what it may look like."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import draw_statement
from faultfinder.lab.layout import BACKGROUNDS, KINDS, LENGTH, content_of, layout_of, mean_cells
from faultfinder.lab.render import render
from faultfinder.lab.scenes import CELL, Background, Item, Scene


@given(st.integers(0, 10**6))
def test_a_layout_holds_the_background_and_every_item(seed: int) -> None:
    rng = Random(seed)
    scene = draw_scene(draw_statement(rng), rng)
    background, cells = content_of(layout_of(scene))
    assert background is scene.background
    assert len(layout_of(scene)) == LENGTH
    found = [kind for kind in cells if kind is not None]
    assert {kind: found.count(kind) for kind in found} == scene.counts()


def test_a_cell_is_drawn_as_the_mean_of_its_pictures() -> None:
    kind = next(kind for kind in KINDS if kind is not None and kind.size == "small")
    places = range(CELL - 7 + 1)
    pictures = [render(Scene.of(Background.GREY, [Item(kind, x, y)]))[:CELL, :CELL] for x in places for y in places]
    drawn = mean_cells()[BACKGROUNDS.index(Background.GREY), KINDS.index(kind)]
    np.testing.assert_allclose((drawn.transpose(1, 2, 0) + 1) * 127.5, np.mean(pictures, axis=0), atol=0.01)
