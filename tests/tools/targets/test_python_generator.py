"""Generators of one's own, behind a Python function; whatever they return is checked where it enters."""

import io
import sys
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from faultfinder.memory.errors import PictureRefused, SpecError, TargetError
from faultfinder.tools.ports import ImageGenerator, TextEncoder
from faultfinder.tools.registry import open_any, open_encoder, open_generator
from faultfinder.tools.targets.checked_pictures import CheckedGenerator
from faultfinder.tools.targets.lab_painter import open_generator as open_lab_painter

MODULE = """
from faultfinder.tools.hashing import HashEncoder

class Painter:
    name = "mine"
    batch = 3
    identity = "mine-1"
    settings = {"steps": 4}
    usd_spent = 0.25
    def generate(self, prompts, seeds):
        return []

class Both(HashEncoder):
    def generate(self, prompts, seeds):
        return []

class Greedy(Painter):
    batch = 0

class Flat(Painter):
    generate = "a picture"
"""


@pytest.fixture
def my_module(tmp_path, monkeypatch):
    """A module in the working directory, forgotten afterwards."""
    (tmp_path / "my_painters_under_test.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    path = list(sys.path)
    yield "python:my_painters_under_test"
    sys.path[:] = path
    sys.modules.pop("my_painters_under_test", None)


def test_a_generator_from_a_function_keeps_the_contract(check_generator):
    check_generator(open_any("python:tests.support.painters:truthful"))


def test_the_labs_generator_keeps_the_contract(check_generator):
    painter = open_any("lab:t2i-clear")
    check_generator(painter)
    assert painter.settings | {"device": "cpu", "model": "lab:t2i-clear"} == painter.settings
    assert int(painter.settings["steps"]) > 0
    assert painter.identity == open_lab_painter("t2i-clear").identity != open_lab_painter("t2i").identity


def test_what_a_generator_says_of_itself_shows_through(my_module):
    generator = open_any(f"{my_module}:Painter")
    assert generator.name == f"{my_module}:Painter"
    assert (generator.batch, generator.identity, generator.usd_spent) == (3, "mine-1", 0.25)
    assert generator.settings == {"model": "mine", "steps": "4"}


def test_what_embeds_and_paints_serves_as_either(my_module):
    assert isinstance(open_any(f"{my_module}:Both"), TextEncoder)
    assert isinstance(open_encoder(f"{my_module}:Both"), TextEncoder)
    assert isinstance(open_generator(f"{my_module}:Both"), CheckedGenerator)


@pytest.mark.parametrize(
    ("factory", "said"),
    [
        (":Greedy", "`batch` is 0; it is how many prompts are given at a time, or None for all"),
        (":Flat", r"made a Flat without embed_texts or generate: it satisfies no port"),
        (":HashEncoder", "makes an encoder; what is wanted here paints: generate"),
    ],
)
def test_a_factory_that_makes_no_generator_is_named(my_module, factory, said):
    with pytest.raises(SpecError, match=said):
        open_generator(my_module + factory)


def test_an_encoder_is_wanted_and_a_generator_made(my_module):
    with pytest.raises(SpecError, match="makes a generator; what is wanted here embeds texts"):
        open_encoder(f"{my_module}:Painter")


class Returning:
    """Returns what it is told to, for every prompt."""

    name = "returning"

    def __init__(self, make: Callable[[], object], times: int | None = None) -> None:
        self._make, self._times = make, times

    def generate(self, prompts: list[str], seeds: list[int]) -> list[object]:
        return [self._make() for _ in (prompts if self._times is None else range(self._times))]


def returned(make: Callable[[], object], times: int | None = None) -> Image.Image:
    checked = CheckedGenerator(Returning(make, times), "python:it")
    assert isinstance(checked, ImageGenerator)
    return checked.generate(["a dog", "a cat"], [1, 2])[0]


def _raises(error: BaseException) -> Callable[[], object]:
    def make() -> object:
        raise error

    return make


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: None, "returned a NoneType for 'a dog', no picture; return PIL images or uint8"),
        (lambda: "a.png", "returned a str"),
        (lambda: np.zeros((16, 16, 3), dtype=np.float32), "returned a ndarray"),
        (lambda: np.zeros((16, 16), dtype=np.uint8), "returned a ndarray"),
        (lambda: Image.new("RGB", (4, 64)), "a picture of 4 x 64 pixels for 'a dog'; a side has 8 to 8192"),
        (lambda: Image.new("1", (9000, 16)), "a picture of 9000 x 16 pixels"),
        (_raises(RuntimeError("CUDA out of memory")), "python:it failed at 'a dog': RuntimeError: CUDA out of memory"),
        (_raises(SystemExit("bye")), "SystemExit: bye"),
    ],
)
def test_what_is_no_picture_is_an_error_of_the_target(make, said):
    with pytest.raises(TargetError, match=said):
        returned(make)


@pytest.mark.parametrize("times", [0, 1, 3])
def test_as_many_pictures_as_prompts_are_wanted(times):
    with pytest.raises(TargetError, match=f"python:it returned {times} pictures for 2 prompts"):
        returned(lambda: Image.new("RGB", (16, 16)), times)


def test_a_refusal_passes_unchanged():
    with pytest.raises(PictureRefused, match=r"^no dogs here$"):
        returned(_raises(PictureRefused("no dogs here")))


def test_a_file_that_breaks_when_it_is_read_is_an_error_of_the_target():
    whole = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(whole, format="PNG")
    with pytest.raises(TargetError, match="returned a broken picture for 'a dog': OSError"):
        returned(lambda: Image.open(io.BytesIO(whole.getvalue()[:500])))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_every_kind_of_picture_becomes_rgb(mode):
    picture = returned(lambda: Image.new(mode, (16, 12)))
    assert (picture.mode, picture.size) == ("RGB", (16, 12))


def test_what_is_transparent_becomes_white():
    assert returned(lambda: Image.new("RGBA", (16, 16), (255, 0, 0, 0))).getpixel((3, 3)) == (255, 255, 255)


def test_arrays_are_pictures_and_metadata_is_left_behind():
    assert returned(lambda: np.full((16, 16, 3), 7, dtype=np.uint8)).getpixel((0, 0)) == (7, 7, 7)

    def marked() -> Image.Image:
        image = Image.new("RGB", (16, 16))
        image.info["comment"] = "taken at home"
        return image

    assert returned(marked).info == {}
