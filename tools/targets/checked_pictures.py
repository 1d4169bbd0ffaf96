"""What a generator returns is checked where it enters: as many pictures as prompts, of a sane size, in RGB."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image as Images
from PIL import ImageOps
from PIL.Image import Image

from faultfinder.memory.errors import SpecError, TargetError
from faultfinder.tools.adaptable import Adaptable
from faultfinder.tools.ports import Commissioned, ImageGenerator, Patient
from faultfinder.tools.targets.foreign import ForeignCode

SMALLEST, LARGEST = 8, 8192
"""Pixels a side."""
FORMATS = ("PNG", "JPEG", "WEBP")
BATCH = 8


class CheckedGenerator:
    """Wraps a generator that is not ours; the wrapped one's optional attributes show through."""

    def __init__(self, generator: ImageGenerator, spec: str) -> None:
        """Check what this generator returns, and call it by its spec.

        Raises:
            SpecError: its `batch` is no number of prompts.
        """
        self.name = spec
        self.batch = _checked_batch(getattr(generator, "batch", BATCH), spec)
        identity = getattr(generator, "identity", None)
        if isinstance(identity, str):
            self.identity = identity
        self._generator = generator

    @property
    def settings(self) -> dict[str, str]:
        """What shapes the pictures, in the generator's words."""
        own = dict(getattr(self._generator, "settings", {}))
        return {"model": str(self._generator.name)} | {str(key): str(value) for key, value in own.items()}

    @property
    def usd_spent(self) -> float:
        """US dollars that this object has spent so far, as far as it knows."""
        return float(getattr(self._generator, "usd_spent", 0.0))

    @property
    def adaptable(self) -> Adaptable | None:
        """The generator itself, where adapters can change it; else None."""
        return self._generator if isinstance(self._generator, Adaptable) else None

    def wait_with(self, wait: Callable[[str, float], None]) -> None:
        """Pass on how to wait to a generator that has to."""
        if isinstance(self._generator, Patient):
            self._generator.wait_with(wait)

    def commission(self, prompts: Sequence[str], seeds: Sequence[int]) -> None:
        """Order pictures of a generator that has them made elsewhere.

        Raises:
            TargetError: the generator raises.
            Waiting: some are not made yet.
        """
        if isinstance(self._generator, Commissioned):
            with ForeignCode(TargetError, f"{self.name} failed at ordering pictures"):
                self._generator.commission(list(prompts), list(seeds))

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """Return one picture per prompt, in RGB, without whatever else its file carried.

        Raises:
            TargetError: the generator raises, or returns something else than one picture per prompt.
            PictureRefused: the generator refuses a prompt.
            Waiting: the audit cannot go on before a person has done something.
        """
        if not prompts:
            return []
        with ForeignCode(TargetError, f"{self.name} failed at {prompts[0]!r}"):
            made = list(self._generator.generate(list(prompts), list(seeds)))
        if len(made) != len(prompts):
            raise TargetError(f"{self.name} returned {len(made)} pictures for {len(prompts)} prompts")
        return [self._picture(image, prompt) for image, prompt in zip(made, prompts, strict=True)]

    def _picture(self, made: Any, prompt: str) -> Image:  # noqa: ANN401 - whatever the generator returned
        if isinstance(made, np.ndarray) and made.dtype == np.uint8 and made.ndim == 3 and made.shape[2] == 3:
            made = Images.fromarray(made)
        if not isinstance(made, Image):
            raise TargetError(
                f"{self.name} returned a {type(made).__name__} for {prompt!r}, no picture; return PIL images or uint8 "
                "arrays of shape (height, width, 3)"
            )
        if not all(SMALLEST <= side <= LARGEST for side in made.size):
            raise TargetError(
                f"{self.name} returned a picture of {made.width} x {made.height} pixels for {prompt!r}; a side has "
                f"{SMALLEST} to {LARGEST}"
            )
        with ForeignCode(TargetError, f"{self.name} returned a broken picture for {prompt!r}"):
            return in_rgb(made)


def in_rgb(image: Image) -> Image:
    """Return a picture in RGB, on white where it is transparent, without its metadata."""
    if image.has_transparency_data:
        ground = Images.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        image = ground
    plain = image.convert("RGB")
    plain.info = {}
    return plain


def read_picture(source: Path | IO[bytes], what: str, most_pixels: int) -> Image:
    """Read a PNG, JPEG or WebP picture whole and upright, with a bound on its pixels.

    Args:
        source: a file.
        what: what it is, for messages.
        most_pixels: more are refused before any of them is unpacked.

    Raises:
        TargetError: it is broken, cut short, too large, or no picture.
    """
    with ForeignCode(TargetError, f"{what} is no whole PNG, JPEG or WebP picture"), warnings.catch_warnings():
        warnings.simplefilter("ignore", Images.DecompressionBombWarning)  # the bound below is the stricter one
        with Images.open(source, formats=FORMATS) as opened:
            if opened.width * opened.height > most_pixels:
                raise TargetError(f"{what} has {opened.width} x {opened.height} pixels, more than {most_pixels:,}")
            return in_rgb(ImageOps.exif_transpose(opened))


def _checked_batch(batch: object, spec: str) -> int | None:
    if batch is None or (isinstance(batch, int) and batch >= 1):
        return batch
    raise SpecError(f"{spec}: `batch` is {batch!r}; it is how many prompts are given at a time, or None for all")
