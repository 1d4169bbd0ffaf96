"""Where the lab's trained weights lie, and how they are read and written: safetensors in half precision."""

import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from faultfinder.lab.architecture import build_model
from faultfinder.lab.tokenizer import WordTokenizer

if TYPE_CHECKING:
    from open_clip.model import CLIP


def weights_path(name: str) -> Path:
    """The file of a trained model that ships with the package."""
    return Path(str(files("faultfinder.lab"))) / "weights" / f"{name}.safetensors"


def save_weights(model: "CLIP", path: Path, *, half: bool = True) -> None:
    """Write a model's weights, in half precision unless told otherwise; readers see the old file or the new, whole."""
    import torch
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    kind = torch.float16 if half else torch.float32
    save_file({name: tensor.to(kind).contiguous() for name, tensor in model.state_dict().items()}, draft)
    draft.chmod(0o644)
    os.replace(draft, path)


def load_weights(path: Path, tokenizer: WordTokenizer) -> "CLIP":
    """Build the model and fill it with the weights of a file, as float32.

    Raises:
        FileNotFoundError: there is no such file.
        RuntimeError: the file holds another architecture.
    """
    import torch
    from safetensors.torch import load_file

    tensors = load_file(path)
    with torch.random.fork_rng(devices=[]):
        model = build_model(tokenizer)
    model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return model
