"""A task whose landscape is known, because it was planted: two kinds of input fail under different actions."""

from collections.abc import Sequence

import numpy as np

from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.ports import FloatArray
from faultfinder.tools.tasks.task import Example, Query, Reply

SPACE = ActionSpace(
    [
        Factor("rotation", (-20.0, -10.0, 0.0, 10.0, 20.0), "rotated by {level} degrees", neutral=0.0, step=10.0),
        Factor("darkness", (0.25, 0.5, 1.0, 2.0), "brightness times {level}", neutral=1.0, step=1.0),
    ]
)
_DIMENSIONS = 6


class PlantedTask:
    """Inputs of the first kind fail where they are rotated far to the left, those of the second where far to the right.

    Attributes:
        asked: Every query, in order.
        invalid: Actions under which no input can be read.
    """

    name = "a planted task"
    scoring = "fails at severity 0.9, passes at 0.1"
    space = SPACE

    def __init__(self, inputs: int = 48, invalid: Sequence[int] = ()) -> None:
        self.examples = [Example(f"input-{n}", "", f"kind {n % 2}") for n in range(inputs)]
        self.asked: list[Query] = []
        self.invalid = set(invalid)
        dice = np.random.default_rng(7)
        middles = np.eye(2, _DIMENSIONS)[np.arange(inputs) % 2]
        near = middles + dice.normal(0.0, 0.15, (inputs, _DIMENSIONS))
        self._states = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)

    def states(self, examples: Sequence[int]) -> FloatArray:
        return self._states[list(examples)]

    def ask(self, queries: Sequence[Query]) -> list[Reply]:
        self.asked += queries
        return [self._reply(query) for query in queries]

    def shown(self, query: Query) -> str:
        return f"{self.examples[query.example].key} under {query.action}"

    def fails(self, query: Query) -> bool:
        return self.space.actions[query.action].level("rotation") == (-20.0, 20.0)[query.example % 2]

    def truth(self, examples: Sequence[int]) -> np.ndarray:
        return np.array(
            [
                [0.0 if a in self.invalid else 0.9 if self.fails(Query(e, a)) else 0.1 for a in range(len(self.space))]
                for e in examples
            ]
        )

    def _reply(self, query: Query) -> Reply:
        if query.action in self.invalid:
            return Reply(Outcome.INVALID, detail="nobody could read it")
        failed = self.fails(query)
        return Reply(
            Outcome.FAIL if failed else Outcome.PASS, 0.9 if failed else 0.1, said="wrong" if failed else "right"
        )
