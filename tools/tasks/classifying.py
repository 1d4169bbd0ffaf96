"""Classification of pictures under conditions.

An answer fails when the label with the highest probability is none of those that are right. Its severity is
1 - p_T(truth | picture): the calibrated probability that is missing from the truth, p_T = softmax(log p / T) with one
temperature T fitted on unchanged pictures (Guo et al., 2017), summed over the labels that count as right.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from PIL.Image import Image

from faultfinder.memory.errors import TargetError
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.conditions import PictureConditions
from faultfinder.tools.actions.legibility import Original
from faultfinder.tools.actions.space import Action, ActionSpace
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.tasks.task import Example, Query, Reply, dice_of

BATCH = 64
"""Changed pictures held in memory, and given to the target, at a time."""

ORIGINALS = 2048
"""Pictures of which it is kept what there is to be seen."""

SCORING = (
    "An answer fails when its most probable label is not right. Severity: 1 - p(truth), p calibrated by one "
    "temperature ({temperature:.2f}) fitted on unchanged pictures."
)


class Pictures(Protocol):
    """Pictures whose labels are known."""

    @property
    def examples(self) -> Sequence[Example]:
        """Key, label and topic of every picture."""
        ...

    def open(self, number: int) -> Image:
        """Return a picture, RGB.

        Raises:
            CorpusError: it cannot be read.
        """
        ...


class CalibratedClassifier(Protocol):
    """A classifier whose probabilities can be taken at their word."""

    @property
    def name(self) -> str:
        """What it is, in words."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """What the columns of its answers stand for."""
        ...

    @property
    def temperature(self) -> float:
        """What its logarithms of probabilities are divided by."""
        ...

    def classify(self, images: Sequence[Image]) -> FloatArray:
        """Return calibrated probabilities, float32 (n, labels), one row a picture."""
        ...

    def states(self, images: Sequence[Image]) -> FloatArray:
        """Return what an explorer may know of pictures, float32 (n, d), rows of unit length."""
        ...


class ClassificationTask:
    """A classifier at work on changed pictures."""

    noun = "pictures"

    def __init__(
        self,
        classifier: CalibratedClassifier,
        pictures: Pictures,
        right: Sequence[frozenset[int]],
        conditions: PictureConditions,
        seed: int,
    ) -> None:
        """Put a classifier together with pictures and what is done to them.

        Args:
            classifier: the target.
            pictures: what it is shown.
            right: for every picture the columns of the classifier's answers that are right; at least one each.
            conditions: what is done to the pictures.
            seed: seeds what a condition leaves to chance.
        """
        self.name = f"{classifier.name} as a classifier of {len(classifier.labels)} labels"
        self.space: ActionSpace = conditions.space
        self.examples = pictures.examples
        self.scoring = SCORING.format(temperature=classifier.temperature)
        self._classifier, self._pictures, self._right = classifier, pictures, right
        self._conditions, self._seed = conditions, seed
        self._states: dict[int, FloatArray] = {}
        self._originals: dict[tuple[int, tuple[tuple[str, float], ...]], Original] = {}

    def on(self, pictures: Pictures, right: Sequence[frozenset[int]]) -> "ClassificationTask":
        """Return the same classifier at work on other pictures, changed in the same ways."""
        return ClassificationTask(self._classifier, pictures, right, self._conditions, self._seed)

    def states(self, examples: Sequence[int]) -> FloatArray:
        """Return what an explorer may know of unchanged pictures, float32 (n, d), rows of unit length."""
        missing = [number for number in dict.fromkeys(examples) if number not in self._states]
        for start in range(0, len(missing), BATCH):
            part = missing[start : start + BATCH]
            rows = self._classifier.states([self._pictures.open(number) for number in part])
            self._states |= dict(zip(part, rows, strict=True))
        return np.stack([self._states[number] for number in examples]).astype(np.float32)

    def ask(self, queries: Sequence[Query]) -> list[Reply]:
        """Return one reply per query, in order; the same query gives the same reply.

        Raises:
            TargetError: the target fails at a picture that is shown to it alone, too.
        """
        replies: list[Reply] = []
        for start in range(0, len(queries), BATCH):
            replies += self._ask(queries[start : start + BATCH])
        return replies

    def original(self, example: int) -> Image:
        """Return a picture as it was."""
        return self._pictures.open(example)

    def shown(self, query: Query) -> Image:
        """Return the changed picture."""
        picture = self._pictures.open(query.example)
        return self._conditions.apply(picture, self.space.actions[query.action], self._dice(query))

    def refusals(self, queries: Sequence[Query]) -> list[str | None]:
        """Say of every query why a person could no longer read the picture; None where one could."""
        return [self._refusal(query, self.shown(query)) for query in queries]

    def _ask(self, queries: Sequence[Query]) -> list[Reply]:
        shown = [self.shown(query) for query in queries]
        refused = [self._refusal(*each) for each in zip(queries, shown, strict=True)]
        fair = [number for number, why in enumerate(refused) if why is None]
        answered = iter(self._classify([queries[number] for number in fair], [shown[number] for number in fair]))
        return [next(answered) if why is None else Reply(Outcome.INVALID, detail=why) for why in refused]

    def _refusal(self, query: Query, shown: Image) -> str | None:
        action, picture = self.space.actions[query.action], self._pictures.open(query.example)
        seen = self._conditions.legibility(picture, shown, action, self._original(query.example, picture, action))
        return None if seen.ok else f"no person could read it: {seen.reason}"

    def _original(self, example: int, picture: Image, action: Action) -> Original:
        """Return what there was to be seen, found once for all actions that move a picture alike."""
        moves = self._conditions.moves(action)
        if (example, moves) not in self._originals:
            if len(self._originals) >= ORIGINALS:
                self._originals.clear()
            self._originals[example, moves] = self._conditions.original(picture, moves)
        return self._originals[example, moves]

    def _classify(self, queries: Sequence[Query], pictures: Sequence[Image]) -> list[Reply]:
        if not queries:
            return []
        try:
            rows = self._classifier.classify(pictures)
        except TargetError as error:
            if len(queries) == 1:
                return [Reply(Outcome.ERROR, detail=str(error)[:300])]
            alone = zip(queries, pictures, strict=True)
            return [reply for query, picture in alone for reply in self._classify([query], [picture])]
        return [self._reply(query, row) for query, row in zip(queries, rows, strict=True)]

    def _reply(self, query: Query, row: FloatArray) -> Reply:
        best = int(row.argmax())
        right = self._right[query.example]
        truth = float(row[sorted(right)].sum())
        return Reply(
            Outcome.PASS if best in right else Outcome.FAIL,
            severity=round(min(1.0, max(0.0, 1 - truth)), 6),
            said=f"{self._classifier.labels[best]} ({row[best]:.0%})",
        )

    def _dice(self, query: Query) -> int:
        return dice_of(self._seed, self.examples[query.example].key, self.space.actions[query.action])
