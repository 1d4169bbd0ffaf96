"""A classifier whose probabilities can be taken at their word: its temperature is fitted on pictures as they are."""

from collections.abc import Sequence

import numpy as np
from PIL.Image import Image

from faultfinder.tools.label_matching import Matched
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.targets.checked_classifier import CheckedClassifier
from faultfinder.tools.tasks.temperature import Answers, Temperature, fit_temperature, tempered

BATCH = 64
"""Pictures open at a time."""


class CalibratedClassifier:
    """Answers with calibrated probabilities, and shows what it makes of pictures."""

    def __init__(self, classifier: CheckedClassifier, fitted: Temperature) -> None:
        """Put a classifier and its temperature together.

        Args:
            classifier: as it was opened.
            fitted: its temperature, and how that was found.
        """
        self.name = classifier.name
        self.labels = classifier.labels
        self.fitted = fitted
        self._classifier = classifier

    @property
    def temperature(self) -> float:
        """What its logarithms of probabilities are divided by."""
        return self.fitted.value

    def classify(self, images: Sequence[Image]) -> FloatArray:
        """Return calibrated probabilities, float32 (n, labels), one row a picture.

        Raises:
            TargetError: the classifier fails, or answers out of form.
        """
        return tempered(self._classifier.classify(images), self.temperature).astype(np.float32)

    def states(self, images: Sequence[Image]) -> FloatArray:
        """Return what the classifier makes of pictures before it decides, float32 (n, d), rows of unit length.

        Raises:
            TargetError: the classifier fails, or answers out of form.
        """
        return self._classifier.embed_images(images)


def calibrate(classifier: CheckedClassifier, matched: Matched, inputs: Sequence[int]) -> CalibratedClassifier:
    """Fit a classifier's temperature on pictures as they are.

    Args:
        classifier: as it was opened.
        matched: pictures, and what is right.
        inputs: which pictures; those of the part that is explored.

    Raises:
        OptionError: there are none.
        TargetError: the classifier fails.
        CorpusError: a picture can no longer be read.
    """
    rows = [np.zeros((0, len(classifier.labels)), dtype=np.float32)]
    for start in range(0, len(inputs), BATCH):
        rows.append(classifier.classify([matched.pictures.open(number) for number in inputs[start : start + BATCH]]))
    right = [matched.right[number] for number in inputs]
    return CalibratedClassifier(classifier, fit_temperature(Answers(np.concatenate(rows), right)))
