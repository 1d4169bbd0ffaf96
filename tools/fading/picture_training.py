"""Fine-tuning of a classifier on pictures as they are changed where it fails, held near to the model as it was.

The loss is cross-entropy (where several labels are right, of all of them together). On unchanged pictures a further
term keeps the original's answers: the Kullback-Leibler divergence of its distribution over the labels (learning without
forgetting, Li & Hoiem, 2016).

Knows tensors; not where batches come from, nor when to stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch  # noqa: TID253 - imported only where a model is trained
from PIL.Image import Image
from torch.nn.functional import kl_div, log_softmax  # noqa: TID253

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
    """

    pictures: Sequence[Image]
    right: Sequence[frozenset[int]]
    unchanged: int


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
        if not batch.unchanged or not self.recipe.keep:
            return total
        own = slice(len(answers) - batch.unchanged, len(answers))
        return total + self.recipe.keep * self._strayed(pixels[own], answers[own])

    def _strayed(self, pixels: Tensor, answers: Tensor) -> Tensor:
        """Return how far answers, log-probabilities (n, labels), are from the original's."""
        with torch.no_grad():
            before = log_softmax(self.model.logits(self._before, pixels).float(), dim=1)
        return kl_div(answers, before, log_target=True, reduction="batchmean")
