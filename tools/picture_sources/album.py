"""Pictures opened when they are needed; the last few stay open."""

import threading
from collections import OrderedDict

from PIL.Image import Image

from faultfinder.tools.picture_sources.candidate import Box, Source

MOST_PIXELS = 32_000_000
"""Pixels kept unpacked: about 96 MB, a hundred photos of COCO's size."""


class Album:
    """Opens pictures and parts of them; safe to be used by several threads."""

    def __init__(self, most_pixels: int = MOST_PIXELS) -> None:
        """Start with none open.

        Args:
            most_pixels: kept in all; the picture asked for last always is.
        """
        self._most = most_pixels
        self._open: OrderedDict[str, Image] = OrderedDict()
        self._pixels = 0
        self._lock = threading.Lock()

    def picture(self, source: Source, box: Box | None = None) -> Image:
        """Return a picture or the part in the box, RGB; the caller's own to change.

        Raises:
            CorpusError: it cannot be read.
        """
        with self._lock:
            whole = self._open.get(source.place)
            if whole is None:
                whole = source.load()
                self._open[source.place] = whole
                self._pixels += whole.width * whole.height
            self._open.move_to_end(source.place)
            while len(self._open) > 1 and self._pixels > self._most:
                _, closed = self._open.popitem(last=False)
                self._pixels -= closed.width * closed.height
        return whole.copy() if box is None else whole.crop(box)

    @property
    def pixels(self) -> int:
        """Count the pixels that are kept."""
        return self._pixels
