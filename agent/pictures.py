"""Pictures of the texts shown in a report, drawn once and kept in `images/` under the hash of their content.

The ledger remembers which picture shows which text, so a report can be written again without the corpus.
"""

import base64
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field

from faultfinder.agent.picture_files import keep_picture, read_png, sha256
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
    known = ledger.get(Illustration, sha256(text.encode()))
    return read_png(folder, known.image) if known else None


def _draw(text: str, illustrator: Illustrator | None, ledger: Ledger, folder: Path) -> bytes | None:
    image = illustrator.picture(text) if illustrator else None
    if image is None:
        return None
    sha = keep_picture(folder, image)
    ledger.save([Illustration(id=sha256(text.encode()), image=sha)])
    return read_png(folder, sha)
