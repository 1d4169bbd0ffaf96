"""Pictures of an exam, kept between the models that sit it, as far as memory is bounded; the rest is made anew."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from PIL.Image import Image

KEPT = 128 * 1024 * 1024
"""Bytes of pictures that are kept, unpacked."""


@dataclass
class Kept:
    """Pictures by what they show; the first that fit are kept."""

    most: int = KEPT
    _pictures: dict[Hashable, Image] = field(default_factory=dict)
    _bytes: int = 0

    def picture(self, key: Hashable, make: Callable[[], Image]) -> Image:
        """Return a picture, made where it is not kept.

        Args:
            key: what it shows; the same key always means the same picture.
            make: makes it.
        """
        if key in self._pictures:
            return self._pictures[key]
        made = make()
        size = made.width * made.height * len(made.getbands())
        if self._bytes + size <= self.most:
            self._pictures[key] = made
            self._bytes += size
        return made
