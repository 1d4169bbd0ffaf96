"""Pictures as files: `images/<sha>.png` in the audit's folder, named by the hash of their content."""

import hashlib
import io
import re
from pathlib import Path

from PIL import Image as Images
from PIL.Image import Image

from faultfinder.agent.folder.atomic import write_atomically

IMAGES = "images"
_SHA = re.compile(r"[0-9a-f]{64}")


def keep_picture(folder: Path, image: Image) -> str:
    """Write a picture as PNG, whole or not at all, and return its hash.

    Raises:
        AuditError: it cannot be written.
    """
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    sha = sha256(buffer.getvalue())
    if read_png(folder, sha) is None:  # not there, or spoilt
        write_atomically(picture_path(folder, sha), buffer.getvalue())
    return sha


def read_png(folder: Path, sha: str | None) -> bytes | None:
    """Return a picture's PNG; None where it was never kept, is gone, or no longer has the content of its name."""
    path = picture_path(folder, sha) if sha and _SHA.fullmatch(sha) else None
    content = path.read_bytes() if path and path.is_file() else None
    return content if content is not None and sha256(content) == sha else None


def open_picture(folder: Path, sha: str | None) -> Image | None:
    """Return a picture in RGB; None where `read_png` gives none."""
    content = read_png(folder, sha)
    return Images.open(io.BytesIO(content)).convert("RGB") if content is not None else None


def picture_path(folder: Path, sha: str) -> Path:
    """Return where a picture lies."""
    return folder / IMAGES / f"{sha}.png"


def sha256(content: bytes) -> str:
    """Return the hash that names a picture."""
    return hashlib.sha256(content).hexdigest()
