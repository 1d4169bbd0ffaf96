"""Judges made of judges: the strongest at hand first."""

from collections.abc import Sequence

from faultfinder.memory.records import Judgement, Meaning, TextPair
from faultfinder.tools.ports import Judge


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
