"""Let calls in side by side, yet never past a limit by more than the call in flight.

A call under way has not been added up yet, so each reserves the most it can cost; the next one waits until it fits.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from faultfinder.agent.budget import Budget
from faultfinder.memory.records import Spend

_PATIENCE = 0.2
"""Seconds between two looks at the budget, which may end the wait."""


class Turnstile:
    """Admits calls to a chat model, one audit's."""

    def __init__(self, budget: Budget) -> None:
        """Watch the limits of a budget."""
        self._budget = budget
        self._in_flight: list[Spend] = []
        self._changed = threading.Condition()

    @contextmanager
    def admit(self, most: Spend) -> Iterator[None]:
        """Wait until a call that costs at most this much may be made; it counts as under way inside the block.

        Raises:
            BudgetSpent: no call, token, dollar or minute is left.
            Interrupted: the person asked to stop.
        """
        with self._changed:
            self._budget.check_call()
            while self._in_flight and not self._fits():
                self._changed.wait(_PATIENCE)
                self._budget.check_call()
            self._in_flight.append(most)
        try:
            yield
        finally:
            with self._changed:
                self._in_flight.remove(most)
                self._changed.notify_all()

    def _fits(self) -> bool:
        spent, limits = self._budget.spend(), self._budget.limits
        return (
            _below(spent.llm_calls + sum(s.llm_calls for s in self._in_flight), limits.llm_calls)
            and _below(spent.tokens + sum(s.tokens for s in self._in_flight), limits.tokens)
            and _below(spent.usd + sum(s.usd for s in self._in_flight), limits.usd)
        )


def _below(spent: float, limit: float | None) -> bool:
    return limit is None or spent < limit
