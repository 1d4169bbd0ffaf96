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

        seen = module(pixels)
        pictures = seen[0] if isinstance(seen, tuple) else seen
        rows = torch.from_numpy(self.label_vectors)
        return self.scale * torch.nn.functional.normalize(pictures.float(), dim=-1) @ rows.T

    def save(self, folder: Path) -> str:
        """Write the whole encoder into a folder; return the spec that opens it again."""
        return self._trainable.save(folder)

    @property
    def _trainable(self) -> Trainable:
        if not isinstance(self.encoder, Trainable):
            raise TargetError(f"{self.name} shows no weights, so they cannot be changed")
        return self.encoder
