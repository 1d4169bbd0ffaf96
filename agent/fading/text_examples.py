"""Examples to fine-tune a text model with, made of inputs that nothing was proven on.

Only inputs that the audit's explorer could try are used; those on which failures were proven, and those held out, are
left to the proof of whatever is trained. An input is edited as the failing region has it, by several dice; the model is
asked, and its answer judged by the audit's own rule. Where it fails, it is to give the right answer instead: the truth,
or without one what it answered to the unedited text. Unedited texts with their right answers come beside them, so that
the rest does not change. One input in five is for validation, with all its edits.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from faultfinder.agent.terrain import Terrain
from faultfinder.memory.errors import BudgetSpent
from faultfinder.memory.records import Outcome
from faultfinder.memory.regions import Region
from faultfinder.tools.fading.tuning_files import TuningExample, is_set_aside
from faultfinder.tools.landscape.regions import actions_in
from faultfinder.tools.ports import TextModel
from faultfinder.tools.targets.conversations import conversation_of
from faultfinder.tools.tasks.answers import BATCH
from faultfinder.tools.tasks.task import Query
from faultfinder.tools.tasks.texts import Exchange, TextTask

MOST = 1000
"""Edited texts that are written at most."""

ROUNDS = 8
"""Dice that an edit of an input is made by, at most."""

_OTHER_DICE = 104_729
"""Between the seeds of two rounds."""

PASSED = "edited, and answered rightly all the same"
INVALID = "the edit could not be made, or nobody could read the text any more"
REFUSED = "the model refused to answer the edited text"
FAILED = "the model broke at the edited text"
NO_GOOD = "no good answer to learn: there is no truth, and the model did not answer the unedited text"
KEPT = "the edited text is one that is kept for the proof"
UNREADABLE = "the text holds characters that no file can"
NO_PLAIN = "unedited texts without a good answer"

_LOST = {Outcome.PASS: PASSED, Outcome.INVALID: INVALID, Outcome.UNSCORABLE: REFUSED, Outcome.ERROR: FAILED}


@dataclass
class Harvest:
    """What was gathered.

    Attributes:
        edited: Texts at which the model fails, with what it is to answer; by input, in the order they were found.
        plain: Unedited texts, with what it is to answer.
        tried: Edited texts that were tried, each once.
        left_out: How many of them, and of the unedited ones, were left out, by why.
        by_edit: Examples by what was done to the text.
        ended: Why gathering ended.
        cut_short: Whether the time was up first.
    """

    edited: list[TuningExample] = field(default_factory=list)
    plain: list[TuningExample] = field(default_factory=list)
    tried: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    by_edit: Counter[str] = field(default_factory=Counter)
    ended: str = ""
    cut_short: bool = False


class Gatherer:
    """Tries edited texts on a model until there are enough that it fails at."""

    def __init__(
        self,
        model: TextModel,
        terrain: Terrain,
        task: TextTask,
        region: Region,
        seed: int,
        tell: Callable[[int, int], None],
    ) -> None:
        """Prepare.

        Args:
            model: the model, which says what it is given for a text.
            terrain: the audit's inputs, by part.
            task: the model at work on them.
            region: where it fails.
            seed: of the order and the dice.
            tell: told how many of how many texts were tried.
        """
        self._model, self._terrain, self._task, self._region = model, terrain, task, region
        self._seed, self._tell = seed, tell
        self._found = Harvest()
        kept = {*terrain.proving, *terrain.held_out}
        self._seen: set[str | Query] = set()
        self._kept = {task.original(number).strip() for number in kept}
        self._aside = {number: is_set_aside(task.original(number)) for number in terrain.exploring}

    def gather(self, share: float) -> Harvest:
        """Gather examples.

        Args:
            share: of unedited texts among all examples, as far as there are enough.

        Raises:
            TargetError: the model fails at everything.
        """
        found = self._found
        try:
            found.ended = self._fill()
        except BudgetSpent:
            found.ended, found.cut_short = "the time was up; with more --minutes the same command goes on", True
        self._add_plain(round(len(found.edited) * share / max(1e-9, 1 - share)))
        return found

    def _fill(self) -> str:
        actions = {number: self._actions(number) for number in self._terrain.exploring}
        total, done = ROUNDS * sum(map(len, actions.values())), 0
        for dice in range(ROUNDS):
            before = self._found.tried
            for task, queries in self._rounds(dice, actions):
                self._try(task, queries)
                done += len(queries)
                self._tell(done, total)
                if len(self._found.edited) >= MOST:
                    return f"{MOST:,} are enough"
            if self._found.tried == before:
                break
        return f"nothing new was left to try after {dice + 1} rolls of the dice"

    def _rounds(self, dice: int, actions: dict[int, list[int]]) -> Iterator[tuple[TextTask, list[Query]]]:
        """Yield batches of queries: every input under one action, then each under another, until all had their turn.

        Inputs for validation are asked apart, so that no sentence of one part gets into a text of the other.
        """
        turns = max(map(len, actions.values()), default=0)
        parts = [[n for n in self._terrain.exploring if self._aside[n] is aside] for aside in (False, True)]
        tasks = [self._task.with_dice(self._seed + dice * _OTHER_DICE, part) for part in parts]
        for turn in range(turns):
            for task, part in zip(tasks, parts, strict=True):
                queries = [Query(n, actions[n][turn]) for n in part if turn < len(actions[n])]
                for start in range(0, len(queries), BATCH):
                    yield task, queries[start : start + BATCH]

    def _actions(self, number: int) -> list[int]:
        """Return what is done to an input, in an order of its own; nothing to one that the failure is not about."""
        topic = self._task.examples[number].topic
        if self._region.topics and topic not in self._region.topics:
            return []
        space = self._task.space
        found = [each for each in actions_in(space, self._region, topic) if each != space.neutral]
        random.Random(f"{self._seed} {self._task.examples[number].key}").shuffle(found)
        return found

    def _try(self, task: TextTask, queries: Sequence[Query]) -> None:
        for query, reply in zip(queries, task.ask(queries), strict=True):
            exchange = task.exchange(query)
            tried = query if reply.outcome is Outcome.INVALID else exchange.given
            if tried in self._seen:
                continue  # an edit without chance is the same by all dice
            self._seen.add(tried)
            self._found.tried += 1
            lost = _LOST.get(reply.outcome) or self._unfit(exchange)
            if lost:
                self._found.left_out[lost] += 1
            elif len(self._found.edited) < MOST:
                self._take(task, query, exchange)

    def _unfit(self, exchange: Exchange) -> str:
        if exchange.wanted is None or exchange.said is None:
            return NO_GOOD
        if exchange.given.strip() in self._kept:
            return KEPT
        return "" if _is_writable(exchange) else UNREADABLE

    def _take(self, task: TextTask, query: Query, exchange: Exchange) -> None:
        self._found.edited.append(self._example(query.example, exchange, exchange.said))
        self._found.by_edit[task.space.say(task.space.actions[query.action])] += 1

    def _example(self, number: int, exchange: Exchange, bad: str | None) -> TuningExample:
        return TuningExample(
            key=self._task.examples[number].key,
            prompt=conversation_of(self._model, exchange.given),
            good=exchange.wanted or "",
            bad=bad,
            aside=self._aside[number],
        )

    def _add_plain(self, wanted: int) -> None:
        """Take unedited texts, those of inputs that the model fails at first."""
        failing = {example.key for example in self._found.edited}
        order = sorted(self._terrain.exploring, key=lambda n: self._task.examples[n].key not in failing)
        for number in order:
            if len(self._found.plain) >= wanted:
                return
            exchange = self._task.unedited(number)
            if exchange.wanted is None or exchange.given.strip() in self._kept or not _is_writable(exchange):
                self._found.left_out[NO_PLAIN] += 1
            else:
                self._found.plain.append(self._example(number, exchange, None))


def _is_writable(exchange: Exchange) -> bool:
    """Tell whether all texts are UTF-8: half of a surrogate pair is not."""
    try:
        "".join(filter(None, (exchange.given, exchange.said, exchange.wanted))).encode()
    except UnicodeEncodeError:
        return False
    return True
