"""Pictures of the texts shown in a report, drawn once and kept in `images/` under the hash of their content.

The ledger remembers which picture shows which text, so a report can be written again without the corpus.
"""

import base64
import hashlib
import io
from collections.abc import Iterable
from pathlib import Path

from PIL.Image import Image
from pydantic import Field

from faultfinder.agent.atomic import write_atomically
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Record
from faultfinder.tools.ports import Illustrator

Pictures = dict[str, bytes]
"""PNG by text."""


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


def data_uri(png: bytes) -> str:
    """Return a picture as a `data:` address, to be put inside a page."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _kept(text: str, ledger: Ledger, folder: Path) -> bytes | None:
    known = ledger.get(Illustration, _sha(text.encode()))
    path = _path(folder, known.image) if known else None
    return path.read_bytes() if path and path.is_file() else None


def _draw(text: str, illustrator: Illustrator | None, ledger: Ledger, folder: Path) -> bytes | None:
    image = illustrator.picture(text) if illustrator else None
    if image is None:
        return None
    png = _encode(image)
    write_atomically(_path(folder, _sha(png)), png)
    ledger.save([Illustration(id=_sha(text.encode()), image=_sha(png))])
    return png


def _encode(image: Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _path(folder: Path, image: str) -> Path:
    return folder / "images" / f"{image}.png"


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
