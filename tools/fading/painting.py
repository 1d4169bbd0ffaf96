"""Training a generator's adapters on pictures with right captions, by the generator's own loss.

Pictures of the failure and ordinary ones are learned alike. The two sides of a pair are given the same dice: where a
loss has noise in it, the caption alone then tells them apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL.Image import Image

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.adaptable import Adaptable
from faultfinder.tools.fading.learner import Learner, Tensor
from faultfinder.tools.fading.lora import Adapters
from faultfinder.tools.fading.recipe import Recipe


@dataclass(frozen=True)
class PaintBatch:
    """What one step learns from.

    Attributes:
        captions: n captions, each true of the picture at its place.
        pictures: n pictures.
        dice: a seed for each picture; the two sides of a pair share one.
    """

    captions: Sequence[str]
    pictures: Sequence[Image]
    dice: Sequence[int]


class Apprentice(Learner[Adaptable, PaintBatch]):
    """A generator in training: its adapters alone."""

    def __init__(self, painter: Adaptable, recipe: Recipe) -> None:
        """Put adapters beside the generator's weights.

        Raises:
            SpecError: it cannot be adapted.
        """
        self.adapters: Adapters = painter.adapt(recipe.seed)
        super().__init__(painter, self.adapters, recipe)

    def loss(self, batch: PaintBatch) -> Tensor:
        """Return the mean loss of a batch.

        Raises:
            CorpusError: nothing can be learned from any of its pictures.
        """
        losses: Tensor = self.model.losses(batch.captions, batch.pictures, batch.dice)
        if not len(losses):
            raise CorpusError(f"{self.model.name} can learn from none of {len(batch.pictures)} pictures; give others")
        return losses.mean()

    @contextmanager
    def at(self, weights: Mapping[str, Tensor], alpha: float = 1.0) -> Iterator[Adaptable]:
        """Give the generator adapters on the line from nothing (alpha 0) to these (1), as long as the block lasts."""
        with super().at(self.adapters.on_line(weights, alpha)) as model:
            yield model
