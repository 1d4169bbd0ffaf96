"""Pictures that are at hand as objects: handed over by a program, or drawn."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from PIL.Image import Image

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.picture_sources.candidate import Candidate, Fault, Found, Reason, clean_label
from faultfinder.tools.targets.checked_pictures import in_rgb


@dataclass(frozen=True)
class HeldPicture:
    """A picture in memory."""

    place: str
    image: Image = field(compare=False)

    def digest(self) -> str:
        """Return the SHA-256 of size and pixels."""
        image = in_rgb(self.image)
        return hashlib.sha256(f"{image.size}".encode() + image.tobytes()).hexdigest()

    def load(self) -> Image:
        """Return the picture, RGB."""
        return in_rgb(self.image)


def read_objects(images: Iterable[object], labels: Sequence[str], keys: Sequence[str] = ()) -> Found:
    """Yield pictures handed over as objects.

    Args:
        images: PIL images.
        labels: as many.
        keys: as many, each once; without, 'image 1', 'image 2' and so on.

    Raises:
        CorpusError: there are not as many labels or keys as pictures.
    """
    held = list(images)
    named = list(keys) or [f"image {number}" for number in range(1, len(held) + 1)]
    if not len(held) == len(labels) == len(named):
        raise CorpusError(
            f"{len(held)} pictures with {len(labels)} labels and {len(named)} keys; give as many of each."
        )
    for key, image, said in zip(named, held, labels, strict=True):
        label = clean_label(said)
        if not isinstance(image, Image):
            yield Fault(Reason.UNREADABLE, key, f"a {type(image).__name__}, no PIL image")
        elif not label:
            yield Fault(Reason.NO_LABEL, key)
        else:
            yield Candidate(key, label, label, HeldPicture(key, image))
