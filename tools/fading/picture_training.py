"""Fine-tuning of a classifier on pictures as they are changed where it fails, held near to the model as it was.

The loss is cross-entropy (where several labels are right, of all of them together). A further term keeps, on unchanged
pictures, what the original makes of them (learning without forgetting, Li & Hoiem, 2016): answers, or where a
tower's vectors serve other ends too, the vectors.

Knows tensors; not where batches come from, nor when to stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch  # noqa: TID253 - imported only where a model is trained
from PIL.Image import Image
from torch.nn.functional import log_softmax  # noqa: TID253

from faultfinder.tools.fading.learner import Learner, Tensor
from faultfinder.tools.fading.recipe import Recipe
from faultfinder.tools.ports import TrainableClassifier


@dataclass(frozen=True)
class PictureBatch:
    """What one step learns from.

    Attributes:
        pictures: n pictures, changed or not.
        right: For each the columns of the answers that are right.
        unchanged: How many of the n, at the end, are as they were.
        ordinary: Further pictures, of no known label, on which answers are to stay.
    """

    pictures: Sequence[Image]
    right: Sequence[frozenset[int]]
    unchanged: int
    ordinary: Sequence[Image] = ()


class PictureStudent(Learner[TrainableClassifier, PictureBatch]):
    """A classifier in training."""

    def __init__(self, model: TrainableClassifier, recipe: Recipe) -> None:
        """Begin with the model as it is."""
        import copy

        super().__init__(model, model.module, recipe)
        self._before = copy.deepcopy(model.module).eval().requires_grad_(False)

    def loss(self, batch: PictureBatch) -> Tensor:
        """Return the loss of a batch."""
        pixels = self.model.pixels(batch.pictures)
        answers = log_softmax(self.model.logits(self.module, pixels).float(), dim=1)
        wrong = torch.ones_like(answers, dtype=torch.bool)
        for row, columns in enumerate(batch.right):
            wrong[row, sorted(columns)] = False
        total = -torch.logsumexp(answers.masked_fill(wrong, -torch.inf), dim=1).mean()
        as_they_are = pixels[len(pixels) - batch.unchanged :]
        if batch.ordinary:
            as_they_are = torch.cat([as_they_are, self.model.pixels(batch.ordinary)])
        if not len(as_they_are) or not self.recipe.keep:
            return total
        strayed: Tensor = self.model.strayed(self.module, self._before, as_they_are)
        return total + self.recipe.keep * strayed
