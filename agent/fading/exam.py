"""An exam: held-out pictures and captions, and what a model makes of them.

Two-way accuracy: a picture must be nearer to its own caption than to the edited one, and where the edited caption has a
picture, that one the other way round; a tie counts one half, and both pictures make one case. Retrieval: a picture must
be nearer to its own caption than to that of any other picture of the exam, and a caption to its picture (recall at 1).
Zero-shot: a picture must be nearest to its label among all labels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL.Image import Image

from faultfinder.agent.fading.kept import Kept
from faultfinder.agent.fading.scoring import Scored, Values
from faultfinder.tools.ports import Contrast, FloatArray, Lesson, Quiz, Trainable

THE_FAILURE = "the failure"
TO_CAPTION, TO_PICTURE, ZERO_SHOT = "picture to caption, recall@1", "caption to picture, recall@1", "zero-shot"
_AT_ONCE = 256
"""Pictures opened at a time."""


@dataclass(frozen=True)
class Exam:
    """Held-out inputs.

    Attributes:
        failure: Pairs by the failure's rule.
        kinds: Pairs of the other kinds of difference, by name.
        lessons: Pictures and captions to find one another, one caption a picture.
        quiz: Pictures to be classified, where there are labels.
    """

    failure: Sequence[Contrast]
    kinds: Mapping[str, Sequence[Contrast]]
    lessons: Sequence[Lesson]
    quiz: Quiz | None

    @cached_property
    def _kept(self) -> Kept:
        return Kept()

    @property
    def guarded(self) -> int:
        """How many pairs of other kinds there are."""
        return sum(map(len, self.kinds.values()))

    @cached_property
    def _texts(self) -> list[str]:
        pairs = [*self.failure, *(pair for pairs in self.kinds.values() for pair in pairs)]
        said = [text for pair in pairs for text in (pair.lesson.caption, pair.edited)]
        labels = self.quiz.labels if self.quiz else ()
        return list(dict.fromkeys([*said, *(lesson.caption for lesson in self.lessons), *labels]))

    def take(self, model: Trainable, tell: Callable[[int, int], None] = lambda done, total: None) -> dict[str, Scored]:
        """Let a model sit the exam; `tell` hears how many of the groups of inputs are done.

        Returns:
            The scores by name, the failure's first.
        """
        texts = {text: row for row, text in enumerate(self._texts)}
        vectors = model.embed_texts(self._texts)
        sitting = _Sitting(model, texts, vectors, self._kept)
        groups = {THE_FAILURE: self.failure, **self.kinds}
        scored: dict[str, Scored] = {}
        for done, (name, pairs) in enumerate(groups.items(), start=1):
            scored[name] = _two_way(name, sitting.two_way(pairs))
            tell(done, len(groups) + 1)
        if self.lessons:
            scored |= sitting.retrieval(self.lessons)
        if self.quiz:
            scored[ZERO_SHOT] = Scored("zero-shot", sitting.quiz(self.quiz), "zero-shot accuracy")
        tell(len(groups) + 1, len(groups) + 1)
        return scored

    def failing(self, model: Trainable) -> float:
        """Return the two-way accuracy on the failure's pairs alone."""
        said = [text for pair in self.failure for text in (pair.lesson.caption, pair.edited)]
        rows = {text: row for row, text in enumerate(dict.fromkeys(said))}
        sitting = _Sitting(model, rows, model.embed_texts(list(rows)), self._kept)
        return float(sitting.two_way(self.failure).mean())


def recalled(model: Trainable, lessons: Sequence[Lesson], kept: Kept) -> dict[str, Scored]:
    """Return per picture whether its caption is found among all, and per caption whether its picture is."""
    said = list(dict.fromkeys(lesson.caption for lesson in lessons))
    rows = {text: row for row, text in enumerate(said)}
    return _Sitting(model, rows, model.embed_texts(said), kept).retrieval(lessons)


def _two_way(name: str, values: Values) -> Scored:
    if name == THE_FAILURE:
        return Scored("failure", values, "two-way accuracy on the failure's pairs")
    return Scored("two-way", values, f"two-way accuracy, {name}")


@dataclass(frozen=True)
class _Sitting:
    """One model's vectors of all texts of an exam."""

    model: Trainable
    rows: Mapping[str, int]
    vectors: FloatArray
    kept: Kept

    def two_way(self, pairs: Sequence[Contrast]) -> Values:
        """Return per pair the share of its pictures that are nearer to their own caption."""
        own, edited = self._of([p.lesson.caption for p in pairs]), self._of([p.edited for p in pairs])
        right = _nearer(self._seen([_own(p.lesson) for p in pairs]), own, edited)
        both = [place for place, pair in enumerate(pairs) if pair.other is not None]
        others = self._seen([(f"other {p.lesson.key}\n{p.edited}", p.other) for p in pairs if p.other is not None])
        right[both] = (right[both] + _nearer(others, edited[both], own[both])) / 2
        return right

    def retrieval(self, lessons: Sequence[Lesson]) -> dict[str, Scored]:
        """Return per picture whether its caption is found among all, and per caption whether its picture is."""
        similar = self._seen([_own(lesson) for lesson in lessons]) @ self._of([e.caption for e in lessons]).T
        return {
            TO_CAPTION: Scored("retrieval", _first(similar)),
            TO_PICTURE: Scored("retrieval", _first(similar.T)),
        }

    def quiz(self, quiz: Quiz) -> Values:
        """Return per picture whether its label is the nearest."""
        similar = self._seen([_own(lesson) for lesson in quiz.lessons]) @ self._of(quiz.labels).T
        places = [quiz.labels.index(lesson.caption) for lesson in quiz.lessons]
        return np.asarray(similar.argmax(axis=1) == np.array(places), dtype=np.float64)

    def _of(self, texts: Sequence[str]) -> FloatArray:
        return self.vectors[[self.rows[text] for text in texts]]

    def _seen(self, pictures: Sequence[tuple[str, Callable[[], Image]]]) -> FloatArray:
        parts = [np.zeros((0, self.vectors.shape[1]), dtype=np.float32)]
        for start in range(0, len(pictures), _AT_ONCE):
            part = pictures[start : start + _AT_ONCE]
            parts.append(self.model.embed_images([self.kept.picture(key, opened) for key, opened in part]))
        return np.concatenate(parts)


def _own(lesson: Lesson) -> tuple[str, Callable[[], Image]]:
    """Return what a lesson's picture is kept by, and what opens it."""
    return lesson.key, lesson.picture


def _nearer(pictures: FloatArray, own: FloatArray, other: FloatArray) -> Values:
    """Return per picture (n, d) 1 where its own text is the nearer, one half for a tie."""
    margin = np.einsum("nd,nd->n", pictures, own - other)
    return np.where(margin == 0, 0.5, margin > 0).astype(np.float64)


def _first(similar: FloatArray) -> Values:
    """Return per row of (n, n) whether the diagonal is above all else; a tie is a miss."""
    own = np.diagonal(similar).copy()
    others = similar.copy()
    np.fill_diagonal(others, -np.inf)
    return np.asarray(own > others.max(axis=1), dtype=np.float64)
