"""What a torch model is, in one digest: two models with the same digest answer the same."""

import hashlib
from typing import Any


def digest(model: Any) -> str:  # noqa: ANN401 - a torch.nn.Module; torch is imported by the adapters only
    """Return a hexadecimal digest of a torch module's structure, parameters and buffers."""
    found = hashlib.sha256(str(model).encode())
    for name, tensor in sorted(model.state_dict().items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        found.update(_bytes_of(tensor))
    return found.hexdigest()


def _bytes_of(tensor: Any) -> memoryview:  # noqa: ANN401
    import torch

    flat = tensor.detach().cpu().contiguous().flatten()
    return memoryview(flat.view(torch.uint8).numpy()) if flat.numel() else memoryview(b"")
