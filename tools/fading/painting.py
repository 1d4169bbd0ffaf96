"""Training a generator's adapters on pictures with right captions, by the generator's own loss.

Pictures of the failure and ordinary ones are learned alike. The two sides of a pair are given the same dice: where a
loss has noise in it, the caption alone then tells them apart. Where losses are logarithms of chances, a further term is
minus the logarithm of the chance that a picture of the failure has its own caption and not the edited one (a classifier
made of a generator; Li et al., 2023): what both captions leave to chance cancels out of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL.Image import Image
from torch.nn.functional import softplus  # noqa: TID253 - imported only where a model is trained

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
        edited: for the first k pictures, those of the failure, the captions that they do not have.
    """

    captions: Sequence[str]
    pictures: Sequence[Image]
    dice: Sequence[int]
    edited: Sequence[str] = ()


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
        k = len(batch.edited)
        if not k or not self.model.contrast:
            return losses.mean()
        edited: Tensor = self.model.losses(batch.edited, batch.pictures[:k], batch.dice[:k])
        own = losses[: len(edited)]  # what is left out depends on the picture alone, so these are the same pictures
        return losses.mean() + self.model.contrast * softplus(own - edited).sum() / max(1, len(edited))

    @contextmanager
    def at(self, weights: Mapping[str, Tensor], alpha: float = 1.0) -> Iterator[Adaptable]:
        """Give the generator adapters on the line from nothing (alpha 0) to these (1), as long as the block lasts."""
        with super().at(self.adapters.on_line(weights, alpha)) as model:
            yield model
