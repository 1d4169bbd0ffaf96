"""Pictures under actions, as a fade learns from them and is measured on them: made once, and only what can be read.

An input's picture under an action is the same in every sitting, as in an audit. Changed pictures are kept in memory as
far as that is bounded; the rest is changed anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from PIL.Image import Image

from faultfinder.tools.actions.space import ActionSpace
from faultfinder.tools.tasks.classifying import ClassificationTask
from faultfinder.tools.tasks.task import Query

KEPT = 192 * 1024 * 1024
"""Bytes of changed pictures that are kept, unpacked."""

TRIES = 4
"""Actions tried for an input until a person could still read it."""


@dataclass(frozen=True)
class Showing:
    """An input as it is shown: under an action, or as it was."""

    example: int
    action: int | None = None


@dataclass
class Gallery:
    """Labelled pictures that can be shown under actions.

    Attributes:
        task: Changes them.
        right: For every picture the columns of the classifier's answers that are right.
    """

    task: ClassificationTask
    right: Sequence[frozenset[int]]
    _fair: dict[Query, bool] = field(default_factory=dict)
    _kept: dict[Showing, Image] = field(default_factory=dict)
    _bytes: int = 0

    @property
    def space(self) -> ActionSpace:
        """What can be done to a picture."""
        return self.task.space

    def topic(self, example: int) -> str:
        """Return the class that an input is counted under."""
        return self.task.examples[example].topic

    def picture(self, showing: Showing, *, keep: bool = False) -> Image:
        """Return a picture as it is shown; keep it where it will be asked for again.

        Raises:
            CorpusError: it can no longer be read.
        """
        if showing in self._kept:
            return self._kept[showing]
        if showing.action is None:
            shown = self.task.original(showing.example)
        else:
            shown = self.task.shown(Query(showing.example, showing.action))
        if keep and (more := shown.width * shown.height * 3) + self._bytes <= KEPT:
            self._kept[showing] = shown
            self._bytes += more
        return shown

    def draw(self, examples: Sequence[int], actions_of: Callable[[int], Sequence[int]], rng: Random) -> list[Showing]:
        """Return each input under one of its actions, drawn; those that nobody could read under any are left out."""
        found: list[Showing] = []
        for example in examples:
            actions = list(actions_of(example))
            tried = rng.sample(actions, min(TRIES, len(actions)))
            action = next((each for each in tried if self._is_fair(Query(example, each))), None)
            if action is not None:
                found.append(Showing(example, action))
        return found

    def _is_fair(self, query: Query) -> bool:
        if query not in self._fair:
            self._fair[query] = self.task.refusals([query])[0] is None
        return self._fair[query]
