"""The step in which people reshape the landscape: they are asked how bad failures are, and it is explored again.

It stands between the scout and the hypotheses, does nothing where no inputs are changed, and knows no strategist.
"""

from faultfinder.agent.asking import Asking
from faultfinder.agent.context import AuditContext
from faultfinder.agent.events import EventKind
from faultfinder.agent.landscape.candidates import keep_candidates
from faultfinder.agent.landscape.mapping import explore
from faultfinder.agent.landscape.rating import are_worth_exploring, ask_next
from faultfinder.agent.questions import unanswered
from faultfinder.agent.state import AuditState
from faultfinder.memory.landscape_records import Candidate, Exploration


class Reshaping:
    """The node that asks for ratings, and explores by them."""

    def __init__(self, context: AuditContext) -> None:
        """Bind to an audit."""
        self._context = context
        self._asking = Asking(context)

    def reshape(self, state: AuditState) -> AuditState:
        """Explore again by the ratings that have come in since, then ask for the next ones."""
        context, terrain = self._context, self._context.terrain
        if terrain is None:
            return {"waiting": 0}
        if again := are_worth_exploring(context.ledger):
            explore(context, terrain, context.settings.explorer, context.settings.queries)
        if context.settings.people != "none":
            self._ask()
        return {"waiting": self._asking.open_questions(), "dry": 0 if again else state["dry"]}

    def _ask(self) -> None:
        context = self._context
        kept = {candidate.exploration for candidate in context.ledger.all(Candidate)}
        for found in context.ledger.all(Exploration):
            if found.id not in kept:
                keep_candidates(context, context.the_terrain, found)
        if new := ask_next(context.ledger):
            context.tell(
                EventKind.NOTE,
                f"{len(new)} failures for people to rate, {len(unanswered(context.ledger))} questions open: "
                f"faultfinder review {context.settings.name}",
            )


def is_wanted(context: AuditContext) -> bool:
    """Tell whether an audit that has ended has something to do: explore by ratings, or ask for the first ones."""
    if context.terrain is None:
        return False
    asks = context.settings.people != "none" and not context.ledger.all(Candidate)
    return are_worth_exploring(context.ledger) or (asks and bool(context.ledger.all(Exploration)))
