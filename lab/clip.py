"""The lab's encoders by name: `clip`, `clip-clear`, `planted/NAME` and `oracle`."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from faultfinder.lab.oracle import Oracle
from faultfinder.lab.plants import PLANTS, plant
from faultfinder.lab.scenes import CANVAS
from faultfinder.lab.storage import load_weights, save_weights, weights_path
from faultfinder.lab.tokenizer import WordTokenizer
from faultfinder.lab.training import as_input
from faultfinder.lab.truth import TruthCard, card_path, read_card

if TYPE_CHECKING:
    from open_clip.model import CLIP
    from torch import Tensor

_Input = TypeVar("_Input", str, Image.Image)

TRAINED = ("clip", "clip-clear")
_PLANTED = "planted/"
FOLDER = "folder/"
WEIGHTS, CONFIG = "model.safetensors", "config.json"
_BATCH = 512


class UnknownLabModelError(KeyError):
    """The lab has no model of that name."""

    def __str__(self) -> str:
        """Say what is wrong without the quotes that KeyError puts around it."""
        return str(self.args[0])


class LabModel:
    """A mini CLIP; `model` is the `open_clip.CLIP`, `tokenizer` gives its input."""

    sees_pictures = True

    def __init__(self, name: str, model: "CLIP", tokenizer: WordTokenizer) -> None:
        """Wrap a model in eval mode."""
        self.name, self.model, self.tokenizer = name, model, tokenizer

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Embed texts as unit rows, float32 (n, 128)."""
        return self._embed(texts, lambda part: self.model.encode_text(self.tokenizer(part), normalize=True))

    def embed_images(self, images: Sequence[Image.Image]) -> npt.NDArray[np.float32]:
        """Embed pictures of any size as unit rows, float32 (n, 128)."""
        return self._embed(images, lambda part: self.model.encode_image(preprocess(part), normalize=True))

    def _embed(
        self, inputs: Sequence[_Input], encode: "Callable[[Sequence[_Input]], Tensor]"
    ) -> npt.NDArray[np.float32]:
        import torch

        parts = [np.zeros((0, self.model.visual.output_dim), dtype=np.float32)]
        with torch.inference_mode():
            for start in range(0, len(inputs), _BATCH):
                parts.append(encode(inputs[start : start + _BATCH]).numpy())
        return np.concatenate(parts)


def preprocess(images: Sequence[Image.Image]) -> "Tensor":
    """Turn pictures into the model's input, float32 (n, 3, 48, 48)."""
    scaled = [image.convert("RGB").resize((CANVAS, CANVAS), Image.Resampling.BOX) for image in images]
    return as_input(np.stack([np.asarray(image, dtype=np.uint8) for image in scaled]))


def names() -> tuple[str, ...]:
    """The names of all encoders of the lab."""
    return (*TRAINED, *(_PLANTED + name for name in PLANTS), Oracle.name)


def load(name: str) -> "LabModel | Oracle":
    """Load an encoder.

    Raises:
        UnknownLabModelError: the lab has no encoder of that name.
    """
    _check(name)
    if name == Oracle.name:
        return Oracle()
    tokenizer = WordTokenizer()
    planted = name.startswith(_PLANTED)
    model = load_weights(weights_path("clip-clear" if planted else name), tokenizer)
    if planted:
        plant(model, tokenizer, name.removeprefix(_PLANTED))
    return LabModel(name, model, tokenizer)


def save_folder(model: LabModel, folder: Path) -> None:
    """Write a model's weights into a folder, in single precision, with a file that says what they are."""
    save_weights(model.model, folder / WEIGHTS, half=False)
    said = {"format": "faultfinder.lab.clip/1", "from": model.name, "image_size": CANVAS}
    (folder / CONFIG).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def load_folder(folder: Path) -> LabModel:
    """Load what `save_folder` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        RuntimeError: the file holds another architecture.
    """
    tokenizer = WordTokenizer()
    return LabModel(f"{FOLDER}{folder}", load_weights(folder / WEIGHTS, tokenizer), tokenizer)


def card(name: str) -> TruthCard:
    """The truth card of an encoder.

    Raises:
        UnknownLabModelError: the lab has no encoder of that name.
    """
    _check(name)
    return read_card(card_path(name))


def _check(name: str) -> None:
    if name not in names():
        raise UnknownLabModelError(f"the lab has no model {name!r}; it has {', '.join(names())}")
