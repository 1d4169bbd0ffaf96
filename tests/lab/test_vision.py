"""Pictures and scenes determine each other."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import draw_statement
from faultfinder.lab.render import mask, render
from faultfinder.lab.scenes import EXTENT, Background, Group, Relation, Shape, Size, arrange
from faultfinder.lab.vision import NotASceneError, parse

SEEDS = st.integers(0, 2**32)


@given(SEEDS)
def test_parsing_a_rendered_scene_gives_the_scene(seed):
    rng = Random(seed)
    scene = draw_scene(draw_statement(rng), rng)
    assert parse(render(scene)) == scene


@given(SEEDS)
def test_rendering_a_parsed_picture_gives_the_picture(seed):
    rng = Random(seed)
    pixels = render(draw_scene(draw_statement(rng), rng))
    assert np.array_equal(render(parse(pixels)), pixels)


@given(SEEDS)
def test_a_scene_holds_what_its_statement_says(seed):
    rng = Random(seed)
    statement = draw_statement(rng)
    scene = draw_scene(statement, rng)
    counts = scene.counts()
    assert len(counts) == len(statement.things)
    kinds = []
    for thing in statement.things:
        (kind,) = [kind for kind in counts if (kind.shape, kind.colour) == (thing.sort.shape, thing.sort.colour)]
        assert counts[kind] in thing.quantity.counts
        assert thing.sort.size in (None, kind.size)
        kinds.append(kind)
    assert statement.background in (None, scene.background)
    assert statement.relation is None or scene.relation(*kinds) is statement.relation
    if statement.absent:
        assert (statement.absent.shape, statement.absent.colour) not in {(kind.shape, kind.colour) for kind in counts}


def test_the_shapes_look_different_at_every_size():
    for size in Size:
        drawn = {mask(shape, EXTENT[size]).tobytes() for shape in Shape}
        assert len(drawn) == len(Shape)


def test_the_converse_relation_holds_the_other_way_round():
    rng = Random(1)
    for _ in range(50):
        scene = draw_scene(draw_statement(rng), rng)
        kinds = list(scene.counts())
        if len(kinds) == 2:
            assert scene.relation(*kinds) is scene.relation(*kinds[::-1]).converse


def test_a_picture_that_nobody_rendered_is_refused():
    with pytest.raises(NotASceneError, match="background"):
        parse(np.zeros((48, 48, 3), dtype=np.uint8))
    with pytest.raises(NotASceneError, match="shape"):
        parse(np.zeros((10, 48, 3), dtype=np.uint8))
    noisy = np.full((48, 48, 3), 255, dtype=np.uint8)
    noisy[3, 4] = (222, 40, 40)
    with pytest.raises(NotASceneError, match="no known shape"):
        parse(noisy)


def test_a_scene_of_three_groups_is_refused():
    rng = Random(2)
    kind = next(iter(draw_scene(draw_statement(rng), rng).counts()))
    with pytest.raises(ValueError, match="one or two groups"):
        arrange([Group(kind, 1)] * 3, Relation.LEFT, Background.GREY, rng)
