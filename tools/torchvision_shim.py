"""Let torchvision import where its compiled operators do not fit the installed torch.

A CUDA build of torchvision beside a CPU build of torch fails to register its operators, and its Python part then
stops at the first one it looks for, taking open_clip and parts of transformers with it. Declaring the schemas of those
operators first lets the Python part import. Whoever has matching builds never meets this.
"""

import importlib
import threading
from typing import Any

_MISSING = "operator torchvision::nms does not exist"
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_libraries: list[Any] = []  # a library that is collected takes its declarations with it
_lock = threading.Lock()


def ensure_torchvision() -> None:
    """Import torchvision, declaring its missing operators only if the plain import fails for want of them.

    Raises:
        ImportError: torchvision is not installed.
        RuntimeError: torchvision fails to import for any other reason.
    """
    with _lock:
        try:
            importlib.import_module("torchvision")
        except RuntimeError as error:
            if _MISSING not in str(error):
                raise
            _declare_operators()
            importlib.import_module("torchvision")


def _declare_operators() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _SCHEMAS:
        library.define(schema)
    _libraries.append(library)
