"""The parser of painted pictures: exact on rendered scenes, and steady under noise."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from faultfinder.lab.drawing import draw_scene
from faultfinder.lab.edits import draw_statement
from faultfinder.lab.reading import read
from faultfinder.lab.render import render
from faultfinder.lab.scenes import Scene
from faultfinder.lab.vision import parse


def scene_of(seed: int) -> Scene:
    rng = Random(seed)
    return draw_scene(draw_statement(rng), rng)


@given(st.integers(0, 10**6))
def test_a_rendered_scene_is_read_exactly_and_as_the_strict_parser_reads_it(seed: int) -> None:
    scene = scene_of(seed)
    pixels = render(scene)
    reading = read(Image.fromarray(pixels))
    assert reading.scene == scene == parse(pixels)
    assert reading.error == pytest.approx(0, abs=1e-6)
    assert reading.legible


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_the_size_of_the_picture_does_not_matter(seed: int, times: int) -> None:
    scene = scene_of(seed)
    picture = Image.fromarray(render(scene))
    large = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    assert read(large).scene == scene


@given(st.integers(0, 10**6))
def test_a_little_noise_changes_nothing(seed: int) -> None:
    scene = scene_of(seed)
    noise = np.random.default_rng(seed).normal(0, 12, (48, 48, 3))
    noisy = Image.fromarray(np.clip(render(scene) + noise, 0, 255).astype(np.uint8))
    found = read(noisy).scene
    assert found.background is scene.background
    assert found.counts() == scene.counts()


def test_what_is_no_scene_is_not_legible() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    assert not read(Image.fromarray(noise)).legible
