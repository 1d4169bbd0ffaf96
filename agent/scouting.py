"""Nodes that look for something to test: brief, scout, hypothesize."""

from collections.abc import Sequence

from langchain_core.messages import HumanMessage, RemoveMessage
from langchain_core.tools import BaseTool
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from pydantic import Field

from faultfinder.agent.asking import Asking
from faultfinder.agent.context import AuditContext, Encoded, Known
from faultfinder.agent.events import EventKind, Standing
from faultfinder.agent.offline_painted import words_painted_wrong
from faultfinder.agent.settling import settled_pairs
from faultfinder.agent.state import AuditState
from faultfinder.agent.strategist import MAX_EVIDENCE, Evidence, Proposal
from faultfinder.memory.errors import BudgetSpent
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import (
    Calibration,
    Decision,
    Failure,
    Hypothesis,
    Meaning,
    MinedPair,
    Outcome,
    Record,
    Verdict,
    Waitlisted,
)

MAX_MOVES = 8
"""Turns of the scout in one round; then it is asked for hypotheses whatever it has seen."""

MAX_DRY_ROUNDS = 2
"""Rounds in a row without a hypothesis, after which the audit has found what it could."""

SIDE_BY_SIDE = 8
"""Hypotheses tested at the same time."""

KEPT_APART = 600
"""Pairs the target keeps apart, shown beside those it does not: what controls are made of."""


class Status(Record):
    """Where the audit stands, told to the strategist at the start of a round."""

    round: int = Field(description="rounds of scouting so far")
    dry: int = Field(description="rounds in a row that brought no hypothesis")
    unexplained: int = Field(description="mined pairs that no hypothesis has been proposed from yet")
    confirmed: tuple[str, ...] = Field(default=(), description="titles of confirmed failures")
    refuted: tuple[str, ...] = Field(default=(), description="titles of refuted hypotheses")
    known: tuple[str, ...] = Field(default=(), description="failures of this target that the memory knew before")
    suspects: tuple[str, ...] = Field(
        default=(), description="words painted wrong more often than right that no hypothesis has named yet"
    )


class Scouting:
    """The nodes before an experiment."""

    def __init__(self, context: AuditContext, tools: Sequence[BaseTool]) -> None:
        """Bind the nodes to an audit and the scout's tools."""
        self._context = context
        self._tools = tools
        self._asking = Asking(context)

    def brief(self, state: AuditState) -> AuditState:
        """Read the goal, calibrate an encoder's agreement threshold, recall what is known of the target."""
        context = self._context
        context.tell(EventKind.STAGE, "reading the goal")
        brief = context.strategist.brief(context.settings.goal)
        if not isinstance(context.subject, Encoded):
            brief = brief.model_copy(update={"modality": "image"})
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
        fresh = [] if history else [HumanMessage(self._status(state).model_dump_json(), id=f"status-{state['round']}")]
        context.tell(EventKind.STAGE, f"scouting, round {state['round'] + 1}")
        move = context.strategist.explore(context.brief(), [*history, *fresh], self._tools)
        waiting = self._asking.open_questions()
        return {"messages": [*fresh, move], "moves": state["moves"] + 1, "waiting": waiting}

    def hypothesize(self, state: AuditState) -> AuditState:
        """Turn the evidence not yet explained into hypotheses, within the limit on their number."""
        context = self._context
        context.tell(EventKind.STAGE, "reading the evidence for hypotheses")
        evidence = self._evidence(state)
        room = context.budget.hypotheses_left(self._side_by_side, state["born"])
        wanted = self._waiting_list(state)
        if wanted:
            return self._take_up(state, wanted[:room])
        proposals = self._proposals(state, evidence)
        if proposals and not room:
            raise BudgetSpent("max_hypotheses")
        # Cut by the limit, the round is not over: a sitting with a higher limit reads its evidence again.
        cut = len(proposals) > room
        # With as many as may be proposed at once, the evidence may suggest more.
        full = len(proposals) + state["begun"] >= self._side_by_side
        born = name_proposals(proposals[:room], state["born"])
        context.ledger.save(born)
        for hypothesis in born:
            told = f"{hypothesis.id}: {hypothesis.title}"
            context.tell_standing(EventKind.HYPOTHESIS, told, Standing.of(hypothesis))
        return {
            "messages": [RemoveMessage(REMOVE_ALL_MESSAGES)],  # type: ignore[list-item]  # the reducer takes removals
            "moves": 0,
            "round": state["round"] + (not cut and not full),
            "begun": state["begun"] + len(born) if cut else 0,
            "dry": 0 if born else state["dry"] + 1,
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

    def _proposals(self, state: AuditState, evidence: Evidence) -> list[Proposal]:
        """Ask for what the evidence suggests, and in the last round for what only the memory does."""
        context, most = self._context, self._side_by_side - state["begun"]
        proposals = context.strategist.hypothesize(context.brief(), evidence, most)
        if proposals or not self._last_round(state):
            return proposals
        return context.strategist.hypothesize(context.brief(), self._remembered(evidence), most)

    def _status(self, state: AuditState) -> Status:
        context = self._context
        latest = {verdict.hypothesis: verdict.decision for verdict in context.ledger.all(Verdict)}
        titles = {h.id: h.title for h in context.ledger.all(Hypothesis)}
        return Status(
            round=state["round"],
            dry=state["dry"],
            unexplained=len(self._unexplained(state)) + len(self._unexplained_pictures(state)),
            confirmed=tuple(titles[i] for i, decision in latest.items() if decision is Decision.SUPPORTED),
            refuted=tuple(titles[i] for i, decision in latest.items() if decision is Decision.REFUTED),
            known=tuple(failure.title for failure in context.known()),
            suspects=self._suspects(),
        )

    def _suspects(self) -> tuple[str, ...]:
        """Return the words whose pictures come out wrong, but for those that a hypothesis is about already."""
        rules = (h.rule for h in self._context.ledger.all(Hypothesis) if h.rule)
        named = {word for rule in rules for word in rule.words}
        return tuple(sorted(words_painted_wrong(settled_pairs(self._context.ledger)) - named))

    def _unexplained(self, state: AuditState) -> list[MinedPair]:
        shown = set(state["shown"])
        return [p for p in self._different() if p.agreed and p.id not in shown]

    def _unexplained_pictures(self, state: AuditState) -> list[PaintedPair]:
        shown = set(state["shown"])
        return [
            pair
            for pair in settled_pairs(self._context.ledger)
            if pair.outcome is Outcome.FAIL and pair.id not in shown
        ]

    def _different(self) -> list[MinedPair]:
        return [p for p in self._context.ledger.all(MinedPair) if p.judgement.meaning is Meaning.DIFFERENT]

    def _evidence(self, state: AuditState) -> Evidence:
        noticed = [p for p in self._different() if not p.agreed]
        return Evidence(
            agreed=tuple(self._unexplained(state)[:MAX_EVIDENCE]),
            noticed=tuple(noticed[:KEPT_APART]),
            painted=self._painted(state),
            tried=tuple(self._context.ledger.all(Hypothesis)),
        )

    def _painted(self, state: AuditState) -> tuple[PaintedPair, ...]:
        """Return all that was painted while some of it is new: a rate rests on the right ones and the old ones too."""
        return tuple(settled_pairs(self._context.ledger)) if self._unexplained_pictures(state) else ()

    def _last_round(self, state: AuditState) -> bool:
        return state["dry"] + 1 >= MAX_DRY_ROUNDS

    def _remembered(self, evidence: Evidence) -> Evidence:
        """Show what the memory knew and this audit has not met: it is tested again before the audit ends."""
        return evidence.model_copy(update={"known": self._context.known()})


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
        )
        for number, proposal in enumerate(proposals, start=1)
    ]


def _titles(failures: Sequence[Failure]) -> str:
    return "; ".join(failure.title for failure in failures[:5]) + ("; ..." if len(failures) > 5 else "")
