"""Conditions under which a picture is taken or passed on: rotated, dark, blurred, compressed, covered.

Every condition is one entry of `CONDITIONS`: its levels, how it is said, and what it does, through torchvision's
transforms and Pillow. Conditions are applied in the order of the table, as a camera would: place first, then light,
then the sensor and the file. The side of a picture stays as it was.
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from faultfinder.memory.errors import OptionError
from faultfinder.tools.actions.legibility import Legibility, Original, in_view
from faultfinder.tools.actions.space import Action, ActionSpace, Factor
from faultfinder.tools.torchvision_shim import ensure_torchvision

Picture = Image.Image
Change = Callable[[Picture, float, np.random.Generator], Picture]
"""Changes a picture to a level; what is left to chance is drawn from the generator."""


@dataclass(frozen=True)
class Condition:
    """One way to change a picture.

    Attributes:
        factor: Its name, levels and words.
        change: What it does.
        words: Words of a goal that call for it, beside its name; none that could mean something else.
        moves: Whether it moves what is in the picture, so that what is left to be seen lies elsewhere.
    """

    factor: Factor
    change: Change
    words: tuple[str, ...]
    moves: bool = False


class PictureConditions:
    """Some conditions as a space of actions on pictures."""

    def __init__(self, factors: Sequence[Factor]) -> None:
        """Take factors that are conditions of the table, with levels of one's own choice.

        Raises:
            OptionError: a factor is no condition, or its levels are not numbers.
        """
        for factor in factors:
            condition(factor.name)
            if not factor.ordered:
                raise OptionError(f"the levels of {factor.name} are numbers, not {factor.levels}")
        self.space = ActionSpace(factors)

    def apply(self, picture: Picture, action: Action, dice: int) -> Picture:
        """Return a picture under an action, RGB, of the same size.

        Args:
            picture: as it was taken.
            action: of this space.
            dice: seeds what is left to chance, such as where a picture is covered.
        """
        return _changed(picture, _levels(action), dice)

    def moves(self, action: Action) -> tuple[tuple[str, float], ...]:
        """Return the part of an action that moves what is in a picture: what it is to be compared with."""
        return tuple((name, level) for name, level in _levels(action).items() if CONDITIONS[name].moves)

    def original(self, picture: Picture, moves: tuple[tuple[str, float], ...]) -> Original:
        """Return what there is to be seen in a picture once it has been moved."""
        return Original(_changed(picture, dict(moves), 0))

    def legibility(self, picture: Picture, changed: Picture, action: Action, original: Original) -> Legibility:
        """Say whether a person could still see in a changed picture what was in it.

        Args:
            picture: as it was taken.
            changed: under the action.
            action: of this space.
            original: what there was to be seen, moved as the action does.
        """
        seen = original.left_in(changed)
        enlarged = max(1.0, _levels(action).get(_SCALE, 1.0))
        return Legibility(seen.share * in_view(picture, 1 / enlarged)) if enlarged > 1 else seen


def condition(name: str) -> Condition:
    """Return a condition by name.

    Raises:
        OptionError: there is none of that name.
    """
    if name not in CONDITIONS:
        raise OptionError(f"there is no condition {name!r}; there are {', '.join(CONDITIONS)}")
    return CONDITIONS[name]


def _levels(action: Action) -> dict[str, float]:
    return {setting.factor: float(setting.level) for setting in action.settings}


def _changed(picture: Picture, levels: Mapping[str, float], dice: int) -> Picture:
    changed = picture.convert("RGB")
    for name, known in CONDITIONS.items():
        level = levels.get(name)
        if level is not None and level != known.factor.neutral:
            changed = known.change(changed, level, np.random.default_rng([dice, _NUMBER[name]]))
    return changed


def _transforms() -> Any:  # noqa: ANN401 - a module of torchvision
    ensure_torchvision()
    import torchvision.transforms.v2.functional

    return torchvision.transforms.v2.functional


def _zoom(picture: Picture, factor: float, _: np.random.Generator) -> Picture:
    """Show a picture so many times as large, around its middle; what comes into view continues its edge."""
    width, height = picture.size
    if factor < 1:
        sides = [math.ceil(side * (1 / factor - 1) / 2) for side in picture.size]
        whole = _transforms().pad(picture, sides, padding_mode="edge")
        return _scaled(whole, (width, height))
    part = _transforms().center_crop(picture, [max(1, round(height / factor)), max(1, round(width / factor))])
    return _scaled(part, (width, height))


def _scaled(picture: Picture, size: tuple[int, int]) -> Picture:
    return picture.resize(size, Image.Resampling.BICUBIC)


def _rotate(picture: Picture, degrees: float, _: np.random.Generator) -> Picture:
    """Rotate clockwise around the middle; corners that come into view continue the picture's edge."""
    transforms = _transforms()
    width, height = picture.size
    margin = math.ceil(max(width, height) / 2)
    wide = transforms.pad(picture, [margin], padding_mode="edge")
    turned = wide.rotate(-degrees, resample=Image.Resampling.BICUBIC)
    turned_back: Picture = transforms.center_crop(turned, [height, width])
    return turned_back


def _blur(picture: Picture, share: float, _: np.random.Generator) -> Picture:
    """Blur by a Gaussian whose standard deviation is so many per cent of the shorter side."""
    from PIL import ImageFilter

    return picture.filter(ImageFilter.GaussianBlur(share / 100 * min(picture.size)))


def _cover(picture: Picture, share: float, rng: np.random.Generator) -> Picture:
    """Cover so much of the area with a grey square at a place left to chance."""
    side = math.sqrt(share)
    width, height = (max(1, round(side * extent)) for extent in picture.size)
    left = int(rng.integers(0, picture.width - width + 1))
    top = int(rng.integers(0, picture.height - height + 1))
    covered = picture.copy()
    covered.paste(_GREY, (left, top, left + width, top + height))
    return covered


def _noise(picture: Picture, deviation: float, rng: np.random.Generator) -> Picture:
    """Add independent Gaussian noise to every value, its deviation given on a scale from 0 to 1."""
    values = np.array(picture, dtype=np.float64)
    values += rng.normal(0, 255 * deviation, values.shape)
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _jpeg(picture: Picture, quality: float, _: np.random.Generator) -> Picture:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=round(quality))
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def _light(name: str) -> Change:
    """Return one of torchvision's changes of light or colour, which take a picture and a level."""

    def change(picture: Picture, level: float, _: np.random.Generator) -> Picture:
        changed: Picture = getattr(_transforms(), f"adjust_{name}")(picture, level)
        return changed

    return change


_SCALE = "scale"
_GREY = (127, 127, 127)


def _factor(name: str, levels: tuple[float, ...], say: str, neutral: float, step: float) -> Factor:
    return Factor(name, levels, say, neutral, step)


CONDITIONS: dict[str, Condition] = {
    known.factor.name: known
    for known in (
        Condition(
            _factor(_SCALE, (0.4, 0.6, 1, 1.5, 2.5), "shown {level} times as large", 1, 0.1),
            _zoom,
            ("scaled", "zoom", "zoomed", "close-up", "close-ups"),
            moves=True,
        ),
        Condition(
            _factor("rotation", (-10, -5, 0, 5, 10), "rotated by {level} degrees", 0, 1),
            _rotate,
            ("rotate", "rotated", "rotations", "tilted", "tilt", "orientation"),
            moves=True,
        ),
        Condition(
            _factor("occlusion", (0, 0.05, 0.1, 0.2, 0.4), "with {level} of the area covered", 0, 0.02),
            _cover,
            ("occluded", "occlusions", "covered"),
        ),
        Condition(
            _factor("darkness", (0.1, 0.5, 1, 2, 5), "at {level} times the brightness", 1, 0.05),
            _light("brightness"),
            ("dark", "darkened", "night", "brightness", "lighting", "illumination", "exposure"),
        ),
        Condition(
            _factor("contrast", (0.1, 0.3, 1, 2, 4), "at {level} times the contrast", 1, 0.05),
            _light("contrast"),
            ("fog", "foggy", "haze", "hazy"),
        ),
        Condition(
            _factor("gamma", (0.3, 0.6, 1, 1.7, 3), "with gamma {level}", 1, 0.05),
            _light("gamma"),
            (),
        ),
        Condition(
            _factor("saturation", (0.5, 1, 2, 4, 7), "at {level} times the saturation", 1, 0.05),
            _light("saturation"),
            ("saturated", "desaturated", "black-and-white"),
        ),
        Condition(
            _factor("hue", (-0.2, -0.1, 0, 0.1, 0.2), "with hues shifted by {level} of a turn", 0, 0.02),
            _light("hue"),
            ("hues", "tint", "tinted"),
        ),
        Condition(
            _factor("blur", (0, 1, 2, 3, 5), "blurred over {level} % of the side", 0, 0.2),
            _blur,
            ("blurred", "blurry", "unsharp", "sharpness"),
        ),
        Condition(
            _factor("noise", (0, 0.05, 0.1, 0.2, 0.4), "with noise of deviation {level}", 0, 0.02),
            _noise,
            ("noisy", "grainy"),
        ),
        Condition(
            _factor("jpeg", (3, 8, 15, 40, 100), "saved as JPEG of quality {level}", 100, 5),
            _jpeg,
            ("jpg", "compression", "compressed", "artefacts", "artifacts"),
        ),
    )
}
"""Every condition by name, in the order in which they are applied. JPEG quality 100 stands for no compression."""

_NUMBER = {name: number for number, name in enumerate(CONDITIONS)}
