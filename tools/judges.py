"""Judges made of judges: the strongest at hand first."""

from collections.abc import Sequence

from faultfinder.memory.records import Judgement, Meaning, TextPair
from faultfinder.tools.ports import Judge


class Unopposed:
    """A judge whose "different" stands only where a second judge does not say "same".

    Small chat models take synonyms for differences ("couch", "sofa"), and a finding that rests on such pairs is false.
    """

    def __init__(self, judge: Judge, second: Judge) -> None:
        """Take the judge that decides and the one that may object."""
        self._judge = judge
        self._second = second
        self.name = judge.name

    def judge(self, pairs: Sequence[TextPair]) -> list[Judgement]:
        """Return the first judge's judgements; undecided where the second objects."""
        said = self._judge.judge(pairs)
        doubtful = [i for i, judgement in enumerate(said) if judgement.meaning is Meaning.DIFFERENT]
        objections = self._second.judge([pairs[i] for i in doubtful]) if doubtful else []
        for position, objection in zip(doubtful, objections, strict=True):
            if objection.meaning is Meaning.SAME:
                reason = f"{objection.judge} objects: {objection.reason}"
                said[position] = Judgement(meaning=Meaning.UNDECIDED, reason=reason, judge=self.name)
        return said


class FirstDecided:
    """Asks judges in order of strength; a pair goes on to the next only where one is undecided."""

    def __init__(self, judges: Sequence[Judge]) -> None:
        """Take the judges, strongest first.

        Raises:
            ValueError: there are none.
        """
        if not judges:
            raise ValueError("a judge made of judges needs at least one")
        self._judges = tuple(judges)
        self.name = ", else ".join(judge.name for judge in self._judges)

    def judge(self, pairs: Sequence[TextPair]) -> list[Judgement]:
        """Return the first decided judgement of each pair, else the last judge's undecided one."""
        first, *others = self._judges
        said = first.judge(pairs)
        for judge in others:
            open_ = [i for i, judgement in enumerate(said) if judgement.meaning is Meaning.UNDECIDED]
            if open_:
                for position, judgement in zip(open_, judge.judge([pairs[i] for i in open_]), strict=True):
                    said[position] = judgement
        return said
