"""Pictures of the texts shown in a report, drawn once and kept in `images/` under the hash of their content.

The ledger remembers which picture shows which text, so a report can be written again without the corpus.
"""

import base64
import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image as Images
from pydantic import Field

from faultfinder.agent.pictures.files import keep_picture, read_png, sha256
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Record
from faultfinder.tools.ports import Illustrator

Pictures = dict[str, bytes]
"""PNG by text."""

LARGEST = 384
"""Pixels of the longer side of a painted picture inside a page."""


class Illustration(Record):
    """Which picture shows a text."""

    id: str = Field(description="SHA-256 of the text")
    image: str = Field(description="SHA-256 of the PNG, its name in images/")


def illustrate(texts: Iterable[str], illustrator: Illustrator | None, ledger: Ledger, folder: Path) -> Pictures:
    """Return the pictures of texts as PNG; texts that cannot be drawn are left out.

    Raises:
        AuditError: a picture cannot be written.
    """
    drawn: Pictures = {}
    for text in dict.fromkeys(texts):
        png = _kept(text, ledger, folder) or _draw(text, illustrator, ledger, folder)
        if png is not None:
            drawn[text] = png
    return drawn


def painted_pictures(images: Iterable[str | None], folder: Path) -> dict[str, str]:
    """Return painted pictures as `data:` addresses, by hash; those that are gone are left out.

    Large ones are scaled down, so that a page with many of them can still be opened; the originals stay in `images/`.
    """
    shown: dict[str, str] = {}
    for sha in dict.fromkeys(images):
        png = read_png(folder, sha)
        if sha and png is not None:
            shown[sha] = _small(png)
    return shown


def data_uri(content: bytes, kind: str = "png") -> str:
    """Return a picture as a `data:` address, to be put inside a page."""
    return f"data:image/{kind};base64," + base64.b64encode(content).decode("ascii")


def _small(png: bytes) -> str:
    opened = Images.open(io.BytesIO(png))
    if max(opened.size) <= LARGEST:
        return data_uri(png)
    image = opened.convert("RGB")
    image.thumbnail((LARGEST, LARGEST))
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=85)
    return data_uri(buffer.getvalue(), "jpeg")


def _kept(text: str, ledger: Ledger, folder: Path) -> bytes | None:
    known = ledger.get(Illustration, sha256(text.encode()))
    return read_png(folder, known.image) if known else None


def _draw(text: str, illustrator: Illustrator | None, ledger: Ledger, folder: Path) -> bytes | None:
    image = illustrator.picture(text) if illustrator else None
    if image is None:
        return None
    sha = keep_picture(folder, image)
    ledger.save([Illustration(id=sha256(text.encode()), image=sha)])
    return read_png(folder, sha)
