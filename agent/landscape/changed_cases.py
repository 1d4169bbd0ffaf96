"""Writing experiments about changed inputs down: which fresh inputs, under which actions.

A probe is an input under an action of the region. A control is matched to a probe: it breaks exactly one of the
region's bounds and keeps the others, each bound in its turn, so that a bound that does not matter makes controls fail
as often as probes. What lies in a region left aside is neither. An input is used once within an experiment, and never
again in one that refines it; inputs that no experiment has used come first. Explorers never saw any of them.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from faultfinder.agent.terrain import Terrain
from faultfinder.memory.records import Case, Hypothesis, Judgement, Meaning, Role
from faultfinder.memory.regions import Bound, Region
from faultfinder.tools.landscape.regions import actions_in
from faultfinder.tools.tasks.task import Query

JUDGE = "legibility"
"""Who says whether a changed input is still a fair question."""

TRIES = 4
"""Inputs tried for a case, at most, until one stays a fair question under the action."""


@dataclass(frozen=True)
class Order:
    """An experiment to be written.

    Attributes:
        hypothesis: With a region.
        look: Which batch of fresh cases this is.
        wanted: How many valid cases of each role.
        written: How many cases of each role there are already.
        seed: The audit's.
    """

    hypothesis: Hypothesis
    look: int
    wanted: dict[Role, int]
    written: dict[Role, int]
    seed: int


def write_changed_cases(terrain: Terrain, order: Order, used: Counter[str], lineage: frozenset[str]) -> list[Case]:
    """Return the cases of one experiment, invalid ones included; fewer than wanted where inputs run out.

    Args:
        terrain: inputs and actions.
        order: what to write.
        used: how often each input was used by experiments of this audit.
        lineage: inputs that experiments on this hypothesis, or one that it refines, have used.
    """
    return _Writer(terrain, order, used, lineage).write()


class _Writer:
    """Writes one experiment."""

    def __init__(self, terrain: Terrain, order: Order, used: Counter[str], lineage: frozenset[str]) -> None:
        self._terrain, self._order = terrain, order
        self._region = order.hypothesis.region or Region()
        digest = hashlib.sha256(f"{order.seed}\n{order.hypothesis.id}\n{order.look}".encode()).digest()
        self._rng = random.Random(digest)
        self._pool = self._fresh_first(used, lineage)
        self._cases: list[Case] = []

    def write(self) -> list[Case]:
        """Write probes and controls in turn, so that both get a share where inputs are few."""
        open_roles = dict(self._order.wanted)
        while any(open_roles.values()):
            for role in Role:
                if open_roles[role]:
                    open_roles[role] = open_roles[role] - 1 if self._write(role) else 0
        return self._cases

    def _fresh_first(self, used: Counter[str], lineage: frozenset[str]) -> list[int]:
        examples = self._terrain.task.examples
        pool = [number for number in self._terrain.proving if examples[number].key not in lineage]
        self._rng.shuffle(pool)
        return sorted(pool, key=lambda number: used[examples[number].key])

    def _write(self, role: Role) -> bool:
        """Write one valid case; those found invalid on the way are kept too. Return whether there was one."""
        region = self._region if role is Role.PROBE else self._broken()
        for number in self._inputs(region):
            topic = self._terrain.task.examples[number].topic
            actions = actions_in(self._terrain.task.space, region, topic)
            if not actions:
                continue
            query = Query(number, self._rng.choice(actions))
            refusal = self._terrain.task.refusals([query])[0]
            self._pool.remove(number)
            self._cases.append(self._case(role, query, refusal))
            if refusal is None:
                return True
        return False

    def _inputs(self, region: Region) -> Iterator[int]:
        topics = set(region.topics)
        examples = self._terrain.task.examples
        fitting = [number for number in self._pool if not topics or examples[number].topic in topics]
        yield from fitting[:TRIES]

    def _broken(self) -> Region:
        """Return the region with one of its bounds turned into its opposite, each in its turn."""
        region = self._region
        turns = len(region.bounds) + bool(region.topics)
        number = self._order.written[Role.CONTROL] + sum(case.role is Role.CONTROL for case in self._cases)
        turn = number % max(1, turns)
        if turn == len(region.bounds):
            return region.model_copy(update={"topics": self._other_topics()})
        bounds = [self._opposite(bound) if turn == i else bound for i, bound in enumerate(region.bounds)]
        return region.model_copy(update={"bounds": tuple(bounds)})

    def _opposite(self, bound: Bound) -> Bound:
        levels = self._terrain.task.space.factor(bound.factor).levels
        return bound.model_copy(update={"levels": tuple(level for level in levels if level not in bound.levels)})

    def _other_topics(self) -> tuple[str, ...]:
        topics = {self._terrain.task.examples[number].topic for number in self._terrain.proving}
        return tuple(sorted(topics - set(self._region.topics)))

    def _case(self, role: Role, query: Query, refusal: str | None) -> Case:
        task, order = self._terrain.task, self._order
        number = order.written[role] + sum(case.role is role for case in self._cases) + 1
        example = task.examples[query.example]
        return Case(
            id=f"{order.hypothesis.id}-{role[0]}{number:02d}",
            hypothesis=order.hypothesis.id,
            role=role,
            a=f"{example.truth} ({example.key})" if example.truth else example.key,
            b=task.space.say(task.space.actions[query.action]),
            judgement=Judgement(
                meaning=Meaning.SAME if refusal is None else Meaning.UNDECIDED,
                reason=refusal or "a person can still read it",
                judge=JUDGE,
            ),
            look=order.look,
            change=self._terrain.change(query),
        )


def inputs_of(cases: Sequence[Case]) -> Counter[str]:
    """Count how often each input was used."""
    return Counter(case.change.input for case in cases if case.change)
