"""What classifiers made of torch modules have in common: batches, a softmax, and what they see before they decide."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from PIL.Image import Image

from faultfinder.memory.errors import TargetError
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.targets.foreign import ForeignCode

_BATCH = 32  # pictures


class TorchClassifier:
    """Classifies pictures with a torch module that returns logits."""

    def __init__(
        self,
        name: str,
        model: Any,  # noqa: ANN401 - a torch.nn.Module; torch is imported late
        prepare: Callable[[Image], Any],
        labels: Sequence[str],
        aliases: Sequence[Sequence[str]] = (),
        save: Callable[[Any, Path], str] | None = None,
    ) -> None:
        """Wrap a model, which is put into eval mode.

        Args:
            name: its spec.
            model: float (n, 3, h, w) to logits, float (n, labels).
            prepare: the model's own preparation, a picture to float (3, h, w).
            labels: what the logits stand for; of equal ones all but the first get their number.
            aliases: for each label other names that mean it; or none at all.
            save: writes such a module into a folder and returns the spec that opens it; None where that cannot be.
        """
        from faultfinder.tools.targets.weights import digest

        self.name = name
        self.labels = tuple(_distinct(labels))
        self.aliases = tuple(tuple(names) for names in aliases) or ((),) * len(self.labels)
        self.identity = digest(model)
        self.model = model.eval()
        self.prepare = prepare
        self._save = save
        self._lock = Lock()  # what enters the last layer is caught on its way, of one caller at a time

    @property
    def module(self) -> Any:  # noqa: ANN401
        """The torch module, all of it."""
        return self.model

    def pixels(self, images: Sequence[Image]) -> Any:  # noqa: ANN401
        """Return the module's input for pictures, float32 (n, 3, height, width)."""
        import torch

        return torch.stack([self.prepare(image) for image in images])

    def logits(self, module: Any, pixels: Any) -> Any:  # noqa: ANN401
        """Return a module's logits for pixels, float (n, labels)."""
        return module(pixels)

    def strayed(self, module: Any, before: Any, pixels: Any) -> Any:  # noqa: ANN401
        """Return the mean divergence of a module's answers from those of a copy as it was."""
        return divergence(self.logits, module, before, pixels)

    def save(self, folder: Path) -> str:
        """Write the model as it is now into a folder; return the spec that opens it again.

        Raises:
            TargetError: nobody knows how to write such a model down.
        """
        if self._save is None:
            raise TargetError(f"{self.name} cannot be written down, so the changed model could not be opened again")
        with ForeignCode(TargetError, f"{self.name} cannot be written into {folder}"):
            return self._save(self.model, folder)

    def classify(self, images: Sequence[Image]) -> FloatArray:
        """Return probabilities, float32 (n, labels), one row a picture, in order."""
        import torch

        rows = [np.zeros((0, len(self.labels)), dtype=np.float32)]
        with self._lock, torch.inference_mode():
            rows += [
                torch.softmax(self.model(batch).double(), dim=-1).float().numpy() for batch in self._batches(images)
            ]
        return np.concatenate(rows)

    def embed_images(self, images: Sequence[Image]) -> FloatArray:
        """Return what enters the model's last layer, averaged over places, float32 (n, d), rows of unit length."""
        import torch

        rows: list[FloatArray] = []
        layer = _last_layer(self.model)

        def keep(_: Any, entered: tuple[Any, ...]) -> None:  # noqa: ANN401
            middle = (2, 3) if isinstance(layer, torch.nn.Conv2d) else tuple(range(1, entered[0].dim() - 1))
            features = entered[0].mean(dim=middle) if middle else entered[0]
            rows.append(torch.nn.functional.normalize(features.float(), dim=-1).numpy())

        with self._lock, torch.inference_mode():
            handle = layer.register_forward_pre_hook(keep)
            try:
                for batch in self._batches(images):
                    self.model(batch)
            finally:
                handle.remove()
        return np.concatenate(rows) if rows else np.zeros((0, 0), dtype=np.float32)

    def _batches(self, images: Sequence[Image]) -> Iterator[Any]:
        for start in range(0, len(images), _BATCH):
            yield self.pixels(images[start : start + _BATCH])


def divergence(logits: Callable[[Any, Any], Any], module: Any, before: Any, pixels: Any) -> Any:  # noqa: ANN401
    """Return the mean Kullback-Leibler divergence of a module's answers from those of a copy as it was, in nats.

    Source: learning without forgetting (Li & Hoiem, 2016).
    """
    import torch

    with torch.no_grad():
        then = torch.log_softmax(logits(before, pixels).float(), dim=1)
    now = torch.log_softmax(logits(module, pixels).float(), dim=1)
    return torch.nn.functional.kl_div(now, then, log_target=True, reduction="batchmean")


def _last_layer(model: Any) -> Any:  # noqa: ANN401
    """Return the linear or convolutional layer that a model names last, its head by every house's custom."""
    import torch

    layers = [module for module in model.modules() if isinstance(module, torch.nn.Linear | torch.nn.Conv2d)]
    return layers[-1]


def _distinct(labels: Sequence[str]) -> Iterator[str]:
    """Tell equal labels apart: ImageNet has two cranes."""
    seen: Counter[str] = Counter()
    for label in labels:
        seen[label] += 1
        yield label if seen[label] == 1 else f"{label} ({seen[label]})"
