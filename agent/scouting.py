"""Nodes that look for something to test: brief, scout, hypothesize."""

from collections.abc import Sequence

from langchain_core.messages import HumanMessage, RemoveMessage
from langchain_core.tools import BaseTool
from langgraph.graph.message import REMOVE_ALL_MESSAGES

from faultfinder.agent.asking import Asking
from faultfinder.agent.briefing import Briefing
from faultfinder.agent.context import AuditContext, Encoded, Known
from faultfinder.agent.events import EventKind, Standing
from faultfinder.agent.explore.exploring import Choice, Exploring
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.state import AuditState
from faultfinder.agent.strategist import Evidence, Proposal
from faultfinder.memory.errors import BudgetSpent
from faultfinder.memory.records import (
    Calibration,
    Failure,
    Hypothesis,
    Waitlisted,
)

MAX_MOVES = 8
"""Turns of the scout in one round; then it is asked for hypotheses whatever it has seen."""

MAX_DRY_ROUNDS = 2
"""Rounds in a row without a hypothesis, after which the audit has found what it could."""

SIDE_BY_SIDE = 8
"""Hypotheses tested at the same time."""

CHOSEN_FROM = 4
"""An audit that explores asks for this many times the proposals it tests at once, and chooses."""


class Scouting:
    """The nodes before an experiment."""

    def __init__(self, context: AuditContext, tools: Sequence[BaseTool]) -> None:
        """Bind the nodes to an audit and the scout's tools."""
        self._context = context
        self._tools = tools
        self._asking = Asking(context)
        self._briefing = Briefing(context)
        self._exploring = Exploring(context)

    def brief(self, state: AuditState) -> AuditState:
        """Read the goal, calibrate an encoder's agreement threshold, recall what is known of the target."""
        context = self._context
        context.tell(EventKind.STAGE, "reading the goal")
        brief = context.strategist.brief(context.settings.goal)
        if isinstance(context.subject, Studio):
            brief = brief.model_copy(update={"modality": "image"})
            if context.settings.explores:
                context.tell(
                    EventKind.NOTE, "a target that paints is audited in one pass: the hours are a limit of time"
                )
        known = tuple(failure for failure in context.memory.all(context.settings.target) if failure.stands)
        context.ledger.save([brief, *self._calibrate(), Known(failures=known)])
        if known:
            context.tell(EventKind.NOTE, f"the memory knows {len(known)} failures of this target: " + _titles(known))
        return {
            "round": 0,
            "moves": 0,
            "shown": [],
            "born": 0,
            "begun": 0,
            "dry": 0,
            "testing": [],
            "supported": [],
            "inconclusive": [],
        }

    def _calibrate(self) -> list[Calibration]:
        """Calibrate an encoder on rewordings; a generator has nothing to calibrate."""
        context, subject = self._context, self._context.subject
        if not isinstance(subject, Encoded):
            return []
        context.tell(EventKind.STAGE, "calibrating on rewordings")
        found = subject.agreement.calibrate(context.corpus.texts)
        context.tell(EventKind.NOTE, f"agreement threshold {found.agreement_threshold:.3f} ({found.pairs} rewordings)")
        return [found]

    def scout(self, state: AuditState) -> AuditState:
        """Let the strategist choose its next tool calls, or say that it has seen enough."""
        context = self._context
        history = list(state.get("messages", []))
        fresh = [] if history else [self._opening(state)]
        ahead = f": {self._exploring.said()}" if context.explores and fresh else ""
        context.tell(EventKind.STAGE, f"scouting, round {state['round'] + 1}{ahead}")
        move = context.strategist.explore(context.brief(), [*history, *fresh], self._tools)
        waiting = self._asking.open_questions()
        return {"messages": [*fresh, move], "moves": state["moves"] + 1, "waiting": waiting}

    def _opening(self, state: AuditState) -> HumanMessage:
        """Open a round's conversation with where the audit stands."""
        return HumanMessage(self._briefing.status(state).model_dump_json(), id=f"status-{state['round']}")

    def hypothesize(self, state: AuditState) -> AuditState:
        """Turn the evidence not yet explained into hypotheses, within the limit on their number."""
        context = self._context
        context.tell(EventKind.STAGE, "reading the evidence for hypotheses")
        evidence = self._briefing.evidence(state)
        room = context.budget.hypotheses_left(self._side_by_side, state["born"])
        wanted = self._waiting_list(state)
        if wanted:
            return self._take_up(state, wanted[:room])
        choice = self._choice(state, evidence)
        proposals = choice.chosen
        if proposals and not room:
            raise BudgetSpent("max_hypotheses")
        # Cut by the limit, the round is not over: a sitting with a higher limit reads its evidence again.
        cut = len(proposals) > room
        # With as many as may be proposed at once, the evidence may suggest more.
        full = len(proposals) + state["begun"] >= self._side_by_side
        born = name_proposals(proposals[:room], state["born"])
        context.ledger.save([*born, *self._exploring.chart(born, choice)])
        for hypothesis in born:
            told = f"{hypothesis.id}: {hypothesis.title}"
            context.tell_standing(EventKind.HYPOTHESIS, told, Standing.of(hypothesis))
        return {
            "messages": [RemoveMessage(REMOVE_ALL_MESSAGES)],  # type: ignore[list-item]  # the reducer takes removals
            "moves": 0,
            "round": state["round"] + (not cut and not full),
            "begun": state["begun"] + len(born) if cut else 0,
            "dry": self._dry(state, found=bool(born)),
            "left": choice.waiting,
            "looked": self._exploring.looks(),
            "born": state["born"] + len(born),
            "shown": state["shown"] + ([] if cut else self._explained(evidence, full=full)),
            "testing": [hypothesis.id for hypothesis in born],
            "inconclusive": [],
            "supported": [],
        }

    def _waiting_list(self, state: AuditState) -> list[Waitlisted]:
        """Return what people want tested and the audit has not taken up yet, as many as are tested side by side."""
        return self._context.ledger.all(Waitlisted)[state.get("taken", 0) :][: self._side_by_side]

    def _take_up(self, state: AuditState, wanted: Sequence[Waitlisted]) -> AuditState:
        """Test what people want tested before anything of the audit's own; the round's evidence stays for later."""
        if not wanted:
            raise BudgetSpent("max_hypotheses")
        context = self._context
        ideas = [Proposal(title=each.title, description=each.description, rule=each.rule) for each in wanted]
        born = name_proposals(ideas, state["born"])
        context.ledger.save(born)
        for hypothesis in born:
            told = f"{hypothesis.id} (from the waiting list): {hypothesis.title}"
            context.tell_standing(EventKind.HYPOTHESIS, told, Standing.of(hypothesis))
        return {
            "dry": 0,
            "born": state["born"] + len(born),
            "taken": state.get("taken", 0) + len(born),
            "testing": [hypothesis.id for hypothesis in born],
            "inconclusive": [],
            "supported": [],
        }

    @property
    def _side_by_side(self) -> int:
        """How many hypotheses are tested at the same time: one where people look at every picture of it."""
        return 1 if self._context.left_to_people else SIDE_BY_SIDE

    def _explained(self, evidence: Evidence, *, full: bool) -> list[str]:
        """Return the pairs not to be shown again: all, or when there was more to propose, those proposals rest on."""
        shown = [pair.id for pair in evidence.agreed] + [pair.id for pair in evidence.painted]
        rested_on = {pair for hypothesis in self._context.ledger.all(Hypothesis) for pair in hypothesis.evidence}
        explained = [pair for pair in shown if pair in rested_on]
        return explained if full and explained else shown

    def _choice(self, state: AuditState, evidence: Evidence) -> Choice:
        """Ask for what the evidence suggests, and in the last round for what only the memory does."""
        most = self._side_by_side - state["begun"]
        choice = self._best(evidence, most)
        if choice.chosen or state["dry"] + 1 < MAX_DRY_ROUNDS:
            return choice
        return self._best(self._briefing.remembered(evidence), most)

    def _best(self, evidence: Evidence, most: int) -> Choice:
        """Take the strategist's proposals in its own order; an audit that explores chooses among more of them."""
        context = self._context
        if not context.explores:
            return Choice(tuple(context.strategist.hypothesize(context.brief(), evidence, most)))
        return self._exploring.choose(
            context.strategist.hypothesize(context.brief(), evidence, most * CHOSEN_FROM), most
        )

    def _dry(self, state: AuditState, *, found: bool) -> int:
        """Count the rounds in vain: in an audit that explores, those without a look, or when looks are in vain."""
        looked = self._exploring.looks() > state.get("looked", 0)
        in_vain = not self._context.explores or not looked or self._exploring.outlook().enough
        return state["dry"] + 1 if in_vain and not found else 0


def name_proposals(proposals: Sequence[Proposal], born: int, parent: str | None = None) -> list[Hypothesis]:
    """Give proposals the next ids, counted from the hypotheses born so far."""
    return [
        Hypothesis(
            id=f"h{born + number}",
            title=proposal.title,
            description=proposal.description,
            parent=parent,
            rule=proposal.rule,
            evidence=proposal.evidence,
            known=proposal.known,
            within=proposal.within,
            region=proposal.region,
        )
        for number, proposal in enumerate(proposals, start=1)
    ]


def _titles(failures: Sequence[Failure]) -> str:
    return "; ".join(failure.title for failure in failures[:5]) + ("; ..." if len(failures) > 5 else "")
