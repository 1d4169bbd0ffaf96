"""Sentence encoders: ``sentence-transformers:NAME_OR_DIR``, a model on the hub or a folder. An optional extra."""

import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from faultfinder.memory.errors import SpecError
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.targets.foreign import ForeignCode
from faultfinder.tools.torchvision_shim import ensure_torchvision

_SCHEME = "sentence-transformers"
INSTALL = "pip install 'faultfinder[sentence-transformers]'"
_BATCH = 64


class SentenceEncoder:
    """Embeds texts with a sentence-transformers model."""

    def __init__(self, name: str, model: Any) -> None:  # noqa: ANN401 - the library is an optional extra
        """Wrap a ``SentenceTransformer``, which is put into eval mode."""
        from faultfinder.tools.targets.weights import digest

        self.name = name
        self._model = model.eval()
        self.identity = digest(model)

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n, d), rows of unit length, one per text, in order."""
        vectors = self._model.encode(
            list(texts) or [""], batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors[: len(texts)], dtype=np.float32)


def open_target(rest: str) -> SentenceEncoder:
    """Load what follows ``sentence-transformers:`` in a spec, without running code that comes with a model.

    Raises:
        SpecError: the extra is not installed, the folder is missing, or the model cannot be loaded.
    """
    spec = f"{_SCHEME}:{rest}"
    if importlib.util.find_spec("sentence_transformers") is None:
        raise SpecError(f"{spec} needs the optional package sentence-transformers: {INSTALL}")
    source = _folder_or_name(rest, spec)
    _prepare_torchvision()
    from sentence_transformers import SentenceTransformer

    with ForeignCode(SpecError, f"{spec} cannot be loaded", "A name is fetched once from its hub; else give a folder"):
        return SentenceEncoder(spec, SentenceTransformer(source, device="cpu", trust_remote_code=False))


def _folder_or_name(rest: str, spec: str) -> str:
    folder = Path(rest).expanduser()
    if folder.is_dir():
        if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
            raise SpecError(f"{spec}: the folder {folder} holds no model; save one with SentenceTransformer.save")
        return str(folder)
    if folder.is_absolute() or rest.startswith((".", "~")) or rest.count("/") > 1:
        raise SpecError(f"{spec}: there is no folder {folder}; give an existing one or a name on the hub, ORG/NAME")
    return rest


def _prepare_torchvision() -> None:
    """Make torchvision importable where it is installed; sentence-transformers does without it."""
    if importlib.util.find_spec("torchvision") is not None:
        ensure_torchvision()
    for noisy in ("sentence_transformers", "transformers"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
