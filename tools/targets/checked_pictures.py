"""What a generator returns is checked where it enters: as many pictures as prompts, of a sane size, in RGB."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image as Images
from PIL.Image import Image

from faultfinder.memory.errors import TargetError
from faultfinder.tools.ports import ImageGenerator
from faultfinder.tools.targets.foreign import ForeignCode

SMALLEST, LARGEST = 8, 8192
"""Pixels a side."""


class CheckedGenerator:
    """Wraps a generator that is not ours; the wrapped one's optional attributes show through."""

    def __init__(self, generator: ImageGenerator, spec: str) -> None:
        """Check what this generator returns, and call it by its spec."""
        self.name = spec
        self.batch: int | None = getattr(generator, "batch", 8)
        self.settings: dict[str, str] = {"model": str(generator.name)} | dict(getattr(generator, "settings", {}))
        self.usd_per_picture: float | None = getattr(generator, "usd_per_picture", None)
        identity = getattr(generator, "identity", None)
        if isinstance(identity, str):
            self.identity = identity
        self._generator = generator

    def generate(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """Return one picture per prompt, in RGB.

        Raises:
            TargetError: the generator raises, or returns something else than one picture per prompt.
            PictureRefused: the generator refuses a prompt.
            Waiting: the pictures must be made elsewhere first.
        """
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
            raise TargetError(f"{self.name} returned a picture of {made.size} pixels for {prompt!r}")
        return made.convert("RGB")
