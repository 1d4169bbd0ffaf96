"""Pictures under actions, as a fade learns from them and is measured on them: made once, and only what can be read.

An input's picture under an action is the same in every sitting, as in an audit. Changed pictures are kept in memory as
far as that is bounded; the rest is changed anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from PIL.Image import Image

from faultfinder.agent.fading.kept import Kept
from faultfinder.tools.actions.space import ActionSpace
from faultfinder.tools.tasks.classifying import ClassificationTask
from faultfinder.tools.tasks.task import Query

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
    _kept: Kept = field(default_factory=Kept)

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
        if keep:
            return self._kept.picture(showing, lambda: self.picture(showing))
        if showing.action is None:
            return self.task.original(showing.example)
        return self.task.shown(Query(showing.example, showing.action))

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
