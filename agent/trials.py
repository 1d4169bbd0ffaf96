"""Nodes that test hypotheses: experiment, measure, judge, refine. Only `experiment` and `refine` ask the strategist."""

from faultfinder.agent.asking import Asking
from faultfinder.agent.context import AuditContext
from faultfinder.agent.drafting import draft_cases
from faultfinder.agent.events import EventKind, Standing
from faultfinder.agent.inquiries import lineage
from faultfinder.agent.judge import judge
from faultfinder.agent.landscape.specimens import keep_specimens
from faultfinder.agent.measuring import measure_cases
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.scouting import name_proposals
from faultfinder.agent.settling import settled_observations
from faultfinder.agent.state import AuditState
from faultfinder.agent.strategist import Proposal, Refinement, Step, Trial, Tried
from faultfinder.memory.errors import BudgetSpent
from faultfinder.memory.records import Case, Decision, Hypothesis, Observation, Outcome, Role, Verdict

MAX_LOOKS = 3
"""Batches of fresh cases one hypothesis may be given before it stays inconclusive."""

MAX_GENERATIONS = 3
"""How often a hypothesis may be refined into a child of a child."""


class Trials:
    """The nodes of an experiment. Hypotheses go through them side by side."""

    def __init__(self, context: AuditContext) -> None:
        """Bind the nodes to an audit."""
        self._context = context
        self._asking = Asking(context)

    def experiment(self, state: AuditState) -> AuditState:
        """Write down probes and controls for every hypothesis under test, before the target is asked."""
        context = self._context
        looks = {h.id: self._looks(h.id) + 1 for h in context.hypotheses(state["testing"])}
        written = {(case.hypothesis, case.look) for case in context.ledger.all(Case)}
        todo = [h for h in context.hypotheses(state["testing"]) if (h.id, looks[h.id]) not in written]
        if todo:
            context.tell(EventKind.STAGE, f"writing fresh probes and controls for {len(todo)} hypotheses")
            draft_cases(context, todo, looks)
        return {"testing": self._written(state["testing"], looks)}

    def measure(self, state: AuditState) -> AuditState:
        """Ask the target about every case that has no outcome yet."""
        context = self._context
        known = {observation.case for observation in context.ledger.all(Observation)}
        cases = [c for c in context.ledger.all(Case) if c.hypothesis in state["testing"] and c.id not in known]
        context.tell(EventKind.STAGE, f"asking the target about {len(cases)} cases")
        seen = measure_cases(context, cases)
        context.ledger.save(seen)
        if context.terrain is not None:
            keep_specimens(context, cases, seen)
        if isinstance(context.subject, Studio):
            # All cases under test: a sitting killed before it asked has measured them; asking again changes nothing.
            tested = [c for c in context.ledger.all(Case) if c.hypothesis in state["testing"] and c.valid]
            self._asking.about_pictures(tested)
        return {"waiting": self._asking.open_questions()}

    def judge(self, state: AuditState) -> AuditState:
        """Decide from the counts, spending this test's share of the error budget."""
        context = self._context
        past = {verdict.id: verdict for verdict in context.ledger.all(Verdict)}
        verdicts: list[Verdict] = []
        for hypothesis in context.hypotheses(state["testing"]):
            look = max(case.look for case in self._cases(hypothesis))
            known = past.get(f"{hypothesis.id}-{look}")
            verdicts.append(known or self._judge(hypothesis, len(past) + 1, look))
            past[verdicts[-1].id] = verdicts[-1]
        context.ledger.save(verdicts)
        self._asking.about_verdicts(verdicts)
        for hypothesis, verdict in zip(context.hypotheses(state["testing"]), verdicts, strict=True):
            told = f"{verdict.hypothesis} {verdict.decision}: {verdict.reason}"
            context.tell_standing(EventKind.VERDICT, told, Standing.of(hypothesis, verdict))
        return {
            "testing": [],
            "supported": [v.hypothesis for v in verdicts if v.decision is Decision.SUPPORTED],
            "inconclusive": state["inconclusive"]
            + [v.hypothesis for v in verdicts if v.decision is Decision.INCONCLUSIVE],
        }

    def refine(self, state: AuditState) -> AuditState:
        """Buy more fresh cases for what is nearly decided; narrow, widen or split the rest."""
        context = self._context
        context.tell(EventKind.STAGE, f"refining {len(state['inconclusive'])} inconclusive hypotheses")
        again: list[str] = []
        children: list[Hypothesis] = []
        waiting: list[str] = []
        for hypothesis in context.hypotheses(state["inconclusive"]):
            step = self._refinement(hypothesis)
            if step.step is Step.MORE:
                again.append(hypothesis.id)
            room = context.budget.hypotheses_left(len(step.children), state["born"] + len(children))
            children += name_proposals(step.children[:room], state["born"] + len(children), hypothesis.id)
            if room < len(step.children):
                waiting.append(hypothesis.id)
        if waiting and not again and not children:
            raise BudgetSpent("max_hypotheses")
        context.ledger.save(children)
        for child in children:
            told = f"{child.id} (refines {child.parent}): {child.title}"
            context.tell_standing(EventKind.HYPOTHESIS, told, Standing.of(child))
        return {
            "testing": again + [child.id for child in children],
            "inconclusive": waiting,
            "born": state["born"] + len(children),
        }

    def _written(self, testing: list[str], looks: dict[str, int]) -> list[str]:
        """Keep the hypotheses that fresh cases could be written for, and say which had none."""
        written = {(case.hypothesis, case.look) for case in self._context.ledger.all(Case)}
        for hypothesis in testing:
            if (hypothesis, looks[hypothesis]) not in written:
                self._context.tell(EventKind.NOTE, f"{hypothesis}: no fresh inputs could be written, left as it is")
        return [hypothesis for hypothesis in testing if (hypothesis, looks[hypothesis]) in written]

    def _refinement(self, hypothesis: Hypothesis) -> Refinement:
        trial = self._trial(hypothesis)
        if not trial.probes:
            return Refinement(step=Step.DROP)
        step = self._context.strategist.refine(trial)
        if step.step is Step.MORE and trial.verdict.look >= MAX_LOOKS:
            return Refinement(step=Step.DROP)
        if step.step is Step.CHILDREN and self._generation(hypothesis) >= MAX_GENERATIONS:
            return Refinement(step=Step.DROP)
        return step.model_copy(update={"children": self._untried(step.children)})

    def _untried(self, children: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
        tried = {h.description for h in self._context.ledger.all(Hypothesis)}
        return tuple(child for child in children if child.description not in tried)

    def _judge(self, hypothesis: Hypothesis, test_number: int, look: int) -> Verdict:
        return judge(hypothesis, self._cases(hypothesis), settled_observations(self._context.ledger), test_number, look)

    def _cases(self, hypothesis: Hypothesis) -> list[Case]:
        return [case for case in self._context.ledger.all(Case) if case.hypothesis == hypothesis.id]

    def _looks(self, hypothesis: str) -> int:
        return sum(verdict.hypothesis == hypothesis for verdict in self._context.ledger.all(Verdict))

    def _trial(self, hypothesis: Hypothesis) -> Trial:
        seen = {observation.case: observation for observation in settled_observations(self._context.ledger)}
        arms: dict[Role, list[Tried]] = {Role.PROBE: [], Role.CONTROL: []}
        for case in self._cases(hypothesis):
            if seen[case.id].outcome in (Outcome.FAIL, Outcome.PASS):
                arms[case.role].append(Tried(a=case.a, b=case.b, observation=seen[case.id], change=case.change))
        verdicts = [v for v in self._context.ledger.all(Verdict) if v.hypothesis == hypothesis.id]
        return Trial(
            hypothesis=hypothesis,
            verdict=verdicts[-1],
            probes=tuple(arms[Role.PROBE]),
            controls=tuple(arms[Role.CONTROL]),
        )

    def _generation(self, hypothesis: Hypothesis) -> int:
        return len(lineage(self._context.ledger, hypothesis)) - 1
