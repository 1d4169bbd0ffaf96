"""What a fade learns from and is measured on: drawn by a world where there is one, else read from a file of pictures.

A world shows both sides of every pair. A file shows the picture of the caption alone, so that an edited caption is a
hard negative and nothing more. Where a world is at hand and a file is given too, the file is learned from and the
world examines.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from faultfinder.agent.fading.exam import Exam
from faultfinder.agent.fading.records import Amount, Data
from faultfinder.agent.fading.rewriting import Editor, is_by
from faultfinder.agent.fading.splitting import Part, Parts, Sieve, split
from faultfinder.memory.errors import CorpusError
from faultfinder.memory.records import EditKind, Hypothesis, Rule, TextPair
from faultfinder.tools.captioned_pictures import Captioned
from faultfinder.tools.kinds import Kinds
from faultfinder.tools.ports import Contrast, Lesson, Quiz, Teacher

DRAWN = 24_000
"""Captions that a world is asked for; the failure's rule works on some of them only."""

DRAWN_PAIRS = 5
"""Pairs of each other kind that a world is asked for, to every case that is wanted of them."""

FEWEST = 20
"""Pairs of the failure that validation and test need each; a kind with fewer is not guarded."""

_MOST, _MOST_LESSONS = 4_000, 12_000
"""Pairs of the failure, and ordinary ones, that are learned from."""

MEASURED = (Part.VALIDATION, Part.TEST)
_QUIZ = 2.0
"""Pictures to be classified, to every case that is wanted; a quarter of them is for the test."""

_ASIDE = 0.4
"""Cases to choose by, to every case to test with."""

_MOST_EDITED = 4_000
"""Captions of a part that are edited for one kind of difference."""


@dataclass(frozen=True)
class Training:
    """What is learned from.

    Attributes:
        failure: Pairs by the failure's rule.
        kinds: Pairs of the other kinds, by name.
        lessons: Ordinary pictures and captions.
    """

    failure: Sequence[Contrast]
    kinds: Mapping[str, Sequence[Contrast]]
    lessons: Sequence[Lesson]


@dataclass(frozen=True)
class Material:
    """Everything, split.

    Attributes:
        train: What is learned from.
        validation: What models are chosen by.
        test: What is asked once, of the chosen model and the original.
        learned: Every text of training.
        fresh: Captions of the test part, for a fresh experiment.
        data: The same in numbers.
    """

    train: Training
    validation: Exam
    test: Exam
    learned: frozenset[str]
    fresh: tuple[str, ...]
    data: Data


@dataclass(frozen=True)
class Failing:
    """The failure that is to fade."""

    hypothesis: Hypothesis
    rule: Rule


@dataclass(frozen=True)
class Sources:
    """Where inputs come from.

    Attributes:
        teacher: A world's, where there is one.
        file: Pictures with captions, where some were given.
        said: The same in words.
        editor_of: Makes an editor of captions that know what may stand where.
    """

    teacher: Teacher | None
    file: Captioned | None
    said: str
    editor_of: Callable[[Sequence[str]], Editor]


def gather(failing: Failing, sources: Sources, seed: int, cases: int, spent: Set[str], reserved: Set[str]) -> Material:
    """Gather and split all inputs of a fade.

    Args:
        failing: the failure.
        sources: where inputs come from.
        seed: draws from a world, and among edits.
        cases: of each score on the test part, at most.
        spent: texts that the audit has used.
        reserved: texts that are to be audited afterwards, and so may not be learned from.

    Raises:
        CorpusError: too few pairs of the failure can be made.
    """
    return _Gathering(failing, sources, seed, cases, Sieve(spent, reserved)).gather()


@dataclass
class _Gathering:
    """One gathering under way."""

    failing: Failing
    sources: Sources
    seed: int
    cases: int
    sieve: Sieve

    def gather(self) -> Material:
        lessons = self._lessons()
        editor = self.sources.editor_of([lesson.caption for part in Part for lesson in lessons.of(part)])
        failure = self._failure(lessons, editor)
        kinds = self._kinds(lessons, editor)
        quizzes = {part: self._quiz(part) for part in MEASURED}
        parts = {part: self._part(part, failure, kinds, lessons) for part in Part}
        self._require(parts)
        guarded = self._guarded(parts)
        exams = {
            part: Exam(
                parts[part].failure,
                {name: parts[part].kinds[name] for name in guarded},
                _once(parts[part].lessons),
                quiz,
            )
            for part, quiz in quizzes.items()
        }
        train = parts[Part.TRAIN]
        return Material(
            train=Training(train.failure, {name: train.kinds.get(name, ()) for name in guarded}, train.lessons),
            validation=exams[Part.VALIDATION],
            test=exams[Part.TEST],
            learned=self.sieve.texts(Part.TRAIN),
            fresh=tuple(
                sorted({lesson.caption for lesson in lessons.test} - self.sieve.texts(Part.TRAIN) - self.sieve.spent)
            ),
            data=self._data(parts, guarded),
        )

    def _lessons(self) -> Parts[Lesson]:
        teacher, file = self.sources.teacher, self.sources.file
        if teacher is None:
            return split(file.lessons if file else ())
        drawn = split(teacher.lessons(DRAWN, self.seed))
        return Parts(file.lessons, drawn.validation, drawn.test) if file else drawn

    def _failure(self, lessons: Parts[Lesson], editor: Editor) -> Parts[Contrast]:
        made = [
            self._edited(lessons.of(part), editor, self.failing.rule, self.failing.hypothesis, part) for part in Part
        ]
        test, validation, train = made
        return Parts(train, validation, test)

    def _edited(
        self, lessons: Sequence[Lesson], editor: Editor, rule: Rule, hypothesis: Hypothesis, part: Part
    ) -> list[Contrast]:
        pictures = {lesson.caption: lesson for lesson in lessons}
        pairs = editor.edited(list(pictures), rule, hypothesis, self.seed)
        teacher = self.sources.teacher
        if teacher is None or (part is Part.TRAIN and self.sources.file is not None):
            return [Contrast(pictures[pair.a], pair.b) for pair in pairs]
        drawn = [teacher.illustrated(pair, self.seed) for pair in pairs]
        return [contrast for contrast in drawn if contrast is not None]

    def _kinds(self, lessons: Parts[Lesson], editor: Editor) -> dict[str, Parts[Contrast]]:
        teacher, file = self.sources.teacher, self.sources.file
        if teacher is not None:
            drawn = {
                kind: split(teacher.contrasts(kind, DRAWN_PAIRS * self.cases, self.seed)) for kind in teacher.kinds
            }
            return {kind: Parts((), p.validation, p.test) for kind, p in drawn.items()} if file else drawn
        free = self.failing.hypothesis.model_copy(update={"within": ()})
        found: dict[str, Parts[Contrast]] = {}
        for kind in Kinds(editor.slots, editor.lexicon).all:
            if kind.edit is EditKind.ADD:
                continue  # the same pairs as of words left out, read from the other end
            rule = Rule(kind=kind.edit, words=kind.words)
            made = {part: self._others(lessons.of(part)[:_MOST_EDITED], editor, rule, free, part) for part in Part}
            found[kind.name] = Parts(made[Part.TRAIN], made[Part.VALIDATION], made[Part.TEST])
        return found

    def _others(
        self, lessons: Sequence[Lesson], editor: Editor, rule: Rule, free: Hypothesis, part: Part
    ) -> list[Contrast]:
        """Edit captions by another rule, leaving out what the failure's rule would have made too."""
        made = self._edited(lessons, editor, rule, free, part)
        return [c for c in made if not is_by(self.failing.rule, TextPair(a=c.lesson.caption, b=c.edited))]

    def _quiz(self, part: Part) -> Quiz | None:
        teacher = self.sources.teacher
        if teacher is None:
            return None
        whole = teacher.quiz(round(2 * (1 + _ASIDE) * _QUIZ * self.cases), self.seed)
        mine = split(whole.lessons, None).of(part)
        return Quiz(whole.labels, tuple(islice(mine, round(_QUIZ * self._most(part)))))

    def _part(
        self, part: Part, failure: Parts[Contrast], kinds: Mapping[str, Parts[Contrast]], lessons: Parts[Lesson]
    ) -> Training:
        most = self._most(part)
        return Training(
            self.sieve.keep(part, failure.of(part), most),
            {name: self.sieve.keep(part, split_up.of(part), min(most, self.cases)) for name, split_up in kinds.items()},
            self.sieve.keep(part, lessons.of(part), _MOST_LESSONS if part is Part.TRAIN else most),
        )

    def _most(self, part: Part) -> int:
        """Return how many pairs of the failure a part has at most."""
        return {Part.TRAIN: _MOST, Part.VALIDATION: round(_ASIDE * self.cases), Part.TEST: self.cases}[part]

    def _require(self, parts: Mapping[Part, Training]) -> None:
        counts = {part: len(parts[part].failure) for part in Part}
        if counts[Part.TRAIN] and all(counts[part] >= FEWEST for part in MEASURED):
            return
        words = ", ".join(self.failing.rule.words) or "its words"
        raise CorpusError(
            f"{self.sources.said}: the failure's rule ({self.failing.rule.kind} of {words}) makes "
            f"{counts[Part.TRAIN]} pairs to learn from, {counts[Part.VALIDATION]} to choose by and {counts[Part.TEST]} "
            f"to test with; at least 1, {FEWEST} and {FEWEST} are needed. Give --pictures with more captions that say "
            "such words"
        )

    def _guarded(self, parts: Mapping[Part, Training]) -> list[str]:
        names = parts[Part.TEST].kinds
        return [name for name in names if all(len(parts[part].kinds[name]) >= FEWEST for part in MEASURED)]

    def _data(self, parts: Mapping[Part, Training], guarded: Sequence[str]) -> Data:
        missed = [name for name in parts[Part.TEST].kinds if name not in guarded]
        notes = (
            [f"not guarded, for want of {FEWEST} pairs in validation and test: {', '.join(missed)}"] if missed else []
        )
        if not any(parts[part].lessons for part in MEASURED):
            notes.append("no retrieval was measured: no picture was left for it")
        return Data(
            source=self.sources.said,
            amounts=tuple(
                Amount(
                    part=part.value,
                    lessons=len(parts[part].lessons),
                    contrasts=len(parts[part].failure),
                    guarded=sum(len(parts[part].kinds[name]) for name in guarded),
                )
                for part in reversed(Part)
            ),
            left_out=self.sieve.left_out,
            notes=tuple(notes),
        )


def _once(lessons: Iterable[Lesson]) -> list[Lesson]:
    """Return one lesson a picture and a caption."""
    by_picture = {lesson.key: lesson for lesson in lessons}
    return list({lesson.caption: lesson for lesson in by_picture.values()}.values())
