"""A zero-shot classifier whose image tower can be trained; what the labels lie at stays as it is.

Vectors of texts stay those of the original, so the tower learns to see under other conditions, not to mean other words.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL.Image import Image

from faultfinder.memory.errors import TargetError
from faultfinder.tools.ports import Trainable
from faultfinder.tools.targets.zero_shot import ZeroShotClassifier


class TrainableZeroShot(ZeroShotClassifier):
    """Chooses among labels by an encoder with weights."""

    @property
    def module(self) -> Any:  # noqa: ANN401 - open_clip's tower
        """The image tower."""
        return self._trainable.module.visual

    def pixels(self, images: Sequence[Image]) -> Any:  # noqa: ANN401 - a torch tensor
        """Return the tower's input for pictures, float32 (n, 3, height, width)."""
        return self._trainable.pixels(images)

    def logits(self, module: Any, pixels: Any) -> Any:  # noqa: ANN401
        """Return scaled cosines of pictures and labels, float (n, labels)."""
        import torch

        return self.scale * _seen(module, pixels) @ torch.from_numpy(self.label_vectors).T

    def strayed(self, module: Any, before: Any, pixels: Any) -> Any:  # noqa: ANN401
        """Return the scaled distance (1 - cosine) of pictures' vectors from where they were, the mean.

        Vectors are kept, not answers alone: an encoder is used for more than these labels.
        """
        import torch

        with torch.no_grad():
            then = _seen(before, pixels)
        return self.scale * (1 - (_seen(module, pixels) * then).sum(dim=1)).mean()

    def save(self, folder: Path) -> str:
        """Write the whole encoder into a folder; return the spec that opens it again."""
        return self._trainable.save(folder)

    @property
    def _trainable(self) -> Trainable:
        if not isinstance(self.encoder, Trainable):
            raise TargetError(f"{self.name} shows no weights, so they cannot be changed")
        return self.encoder


def _seen(module: Any, pixels: Any) -> Any:  # noqa: ANN401
    """Return the tower's vectors, float (n, d), rows of unit length."""
    import torch

    found = module(pixels)
    pictures = found[0] if isinstance(found, tuple) else found
    return torch.nn.functional.normalize(pictures.float(), dim=-1)
