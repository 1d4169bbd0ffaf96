"""The budget: a wall, over all sittings of an audit.

A limit is checked before the action that would pass it; passing raises `BudgetSpent`, which the loop turns into a
report. What was spent is read from the ledger, so it survives a killed process.
"""

import time
from collections.abc import Callable
from threading import Event as Flag

from faultfinder.agent.endings import INTERRUPTED
from faultfinder.memory.errors import BudgetSpent, Interrupted
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Hypothesis, Limits, Spend


class Budget:
    """Watches the limits of one audit."""

    def __init__(self, limits: Limits, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the clock of this sitting."""
        self.limits = limits
        self._ledger = ledger
        self._clock = clock
        self._begun = clock()
        self._stop = Flag()

    def interrupt(self) -> None:
        """Ask the audit to stop at its next safe point."""
        self._stop.set()

    def go_on(self) -> None:
        """Forget that a person asked to stop: what they asked for has been stopped."""
        self._stop.clear()

    def spend(self) -> Spend:
        """Return what has been spent, the running sitting included."""
        self._ledger.tick(self._clock() - self._begun)
        return self._ledger.spend()

    def check(self) -> None:
        """Raise when the person asked to stop or the time is up; called between and inside steps.

        Raises:
            Interrupted: the person asked to stop.
            BudgetSpent: the minutes are used up.
        """
        if self._stop.is_set():
            raise Interrupted(INTERRUPTED)
        _wall("minutes", self.spend().minutes, self.limits.minutes)

    def check_call(self) -> None:
        """Raise when another call to the chat model would pass a limit.

        Raises:
            BudgetSpent: no call, token or dollar is left.
        """
        self.check()
        spent = self.spend()
        _wall("llm_calls", spent.llm_calls, self.limits.llm_calls)
        _wall("tokens", spent.tokens, self.limits.tokens)
        _wall("usd", spent.usd, self.limits.usd)

    def pictures_left(self, wanted: int) -> int:
        """Return how many of `wanted` pictures may be painted now; at least one.

        Raises:
            BudgetSpent: no picture, dollar or minute is left.
        """
        self.check()
        spent = self.spend()
        _wall("images", spent.images, self.limits.images)
        _wall("usd", spent.usd, self.limits.usd)
        return wanted if self.limits.images is None else min(wanted, self.limits.images - spent.images)

    def hypotheses_left(self, wanted: int, tested: int) -> int:
        """Return how many of `wanted` hypotheses may still be tested; 0 when the limit is reached.

        Args:
            wanted: how many are there.
            tested: how many of the audit's own were tested already; those that people asked for are added here.
        """
        if self.limits.hypotheses is None:
            return wanted
        return max(0, min(wanted, self.limits.hypotheses - tested - self._asked_for()))

    def _asked_for(self) -> int:
        return sum(hypothesis.asked is not None for hypothesis in self._ledger.all(Hypothesis))


def time_limit(minutes: float | None, hours: float | None) -> float | None:
    """Return the limit in minutes that minutes and hours set together: the lower one; None where neither does."""
    given = [limit for limit in (minutes, None if hours is None else 60 * hours) if limit is not None]
    return min(given, default=None)


def _wall(name: str, spent: float, limit: float | None) -> None:
    if limit is not None and spent >= limit:
        raise BudgetSpent(f"max_{name}")
