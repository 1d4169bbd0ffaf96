"""What a classifier answers is checked where it enters: a row a picture, a column a label, rows that sum to one."""

from collections.abc import Sequence

import numpy as np
from PIL.Image import Image

from faultfinder.memory.errors import SpecError, TargetError
from faultfinder.tools.ports import Classifier, FloatArray, ImageEncoder
from faultfinder.tools.targets.foreign import ForeignCode

_SUM = 1e-3  # how far a row's sum may be from one; half-precision models are that far off


class CheckedClassifier:
    """Wraps a classifier, ours or foreign; `aliases` and `identity` show through."""

    def __init__(self, classifier: Classifier, spec: str) -> None:
        """Check what this classifier answers, and call it by its spec.

        Raises:
            SpecError: it has fewer than two labels, or one twice, or aliases that do not match them.
        """
        self.name = spec
        self.labels = _checked_labels(classifier, spec)
        self.aliases = _checked_aliases(classifier, len(self.labels), spec)
        identity = getattr(classifier, "identity", None)
        if isinstance(identity, str):
            self.identity = identity
        self._classifier = classifier

    @property
    def checked(self) -> Classifier:
        """The classifier itself."""
        return self._classifier

    def classify(self, images: Sequence[Image]) -> FloatArray:
        """Return probabilities, float32 (n, labels), one row a picture, in order; a row sums to one.

        Raises:
            TargetError: the classifier raises, or answers with something else.
        """
        if not images:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        with ForeignCode(TargetError, f"{self.name} failed at {len(images)} pictures"):
            answer = np.asarray(self._classifier.classify(list(images)))
        wanted = (len(images), len(self.labels))
        if answer.dtype.kind not in "fiu" or answer.shape != wanted:
            raise TargetError(
                f"{self.name} answered with {answer.dtype} of shape {answer.shape} instead of numbers of shape {wanted}"
            )
        return self._probabilities(answer.astype(np.float64))

    def embed_images(self, images: Sequence[Image]) -> FloatArray:
        """Return what the classifier makes of pictures, float32 (n, d), rows of unit length.

        Where it does not show that, the square roots of its probabilities: their inner product is the Bhattacharyya
        coefficient, so that pictures answered alike lie close together.

        Raises:
            TargetError: the classifier raises, or answers out of form.
        """
        if not isinstance(self._classifier, ImageEncoder):
            return np.sqrt(self.classify(images))
        if not images:
            return self._classifier.embed_images([])
        with ForeignCode(TargetError, f"{self.name} failed at {len(images)} pictures"):
            rows = np.asarray(self._classifier.embed_images(list(images)), dtype=np.float64)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True) if rows.ndim == 2 else np.zeros(1)
        if len(rows) != len(images) or not np.isfinite(lengths).all() or not lengths.all():
            raise TargetError(f"{self.name} embeds {len(images)} pictures as shape {rows.shape}, or with NaN or zeros")
        return np.asarray(rows / lengths, dtype=np.float32)

    def _probabilities(self, answer: np.ndarray) -> FloatArray:
        if not np.isfinite(answer).all():
            raise TargetError(f"{self.name} answered with NaN or infinity")
        sums = answer.sum(axis=1, keepdims=True)
        if answer.min() < 0 or np.abs(sums - 1).max() > _SUM:
            raise TargetError(
                f"{self.name} answered with numbers from {answer.min():.3g} to {answer.max():.3g} whose rows sum to "
                f"{sums.min():.3g} to {sums.max():.3g}; classify returns probabilities: apply a softmax"
            )
        return np.asarray(answer / sums, dtype=np.float32)


def _checked_labels(classifier: Classifier, spec: str) -> tuple[str, ...]:
    labels = tuple(classifier.labels)
    if len(labels) < 2 or not all(isinstance(label, str) and label.strip() for label in labels):
        raise SpecError(f"{spec} has the labels {labels[:5]}; a classifier has at least two, each of them text")
    if len(set(labels)) < len(labels):
        twice = sorted({label for label in labels if labels.count(label) > 1})
        raise SpecError(f"{spec} has labels twice: {', '.join(twice[:10])}; tell them apart")
    return labels


def _checked_aliases(classifier: Classifier, labels: int, spec: str) -> tuple[tuple[str, ...], ...]:
    aliases = getattr(classifier, "aliases", None) or [()] * labels
    if len(aliases) != labels or not all(isinstance(name, str) for names in aliases for name in names):
        raise SpecError(f"{spec} has aliases for {len(aliases)} of its {labels} labels; give names for each, or none")
    return tuple(tuple(names) for names in aliases)
