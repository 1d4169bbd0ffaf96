"""The chat model as strategist: it proposes where to look, what to test and with which inputs. It never decides.

Typed replies for everything but exploring, which is a tool-calling conversation.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import BaseTool

from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.calls import Call
from faultfinder.agent.llm.design import CONTRAST, CaseWriter
from faultfinder.agent.llm.forms import BriefReply, HypothesesReply, ProposalReply, RefinementReply, RelationReply
from faultfinder.agent.llm.moves import next_in_order, with_readable_calls, without_repetitions
from faultfinder.agent.llm.paid_model import PaidModel
from faultfinder.agent.llm.regions import named_regions
from faultfinder.agent.llm.replies import ask
from faultfinder.agent.offline.changed import refine_region, relate_regions
from faultfinder.agent.strategist import (
    MAX_EVIDENCE,
    Design,
    DesignRequest,
    Evidence,
    Kinship,
    Proposal,
    Refinement,
    Relation,
    Step,
    Trial,
    Tried,
)
from faultfinder.memory.errors import ReplyError, RequestRefused
from faultfinder.memory.map_records import MapCell
from faultfinder.memory.records import Brief, Edit, EditKind, Failure, Hypothesis, MinedPair, Outcome
from faultfinder.prompts import render

KEPT_APART = 30
"""Pairs the target keeps apart that are shown beside those it confuses."""

MOST_CHANGES = 40
"""Different changes counted in one prompt."""

SHOWN_CASES = 25
"""Cases of each outcome shown when refining."""

T = TypeVar("T")
_TITLE, _DESCRIPTION, _CONTRASTS = 90, 500, 4
_WORD = re.compile(r"[^\W_]+")


class LLMStrategist:
    """Proposes with a chat model."""

    def __init__(self, model: PaidModel, corpus: Sequence[str], seed: int = 0) -> None:
        """Take a paid model, the corpus' texts (for style and for which subjects exist), and the audit's seed."""
        self.name = model.name
        self._model = model
        self._corpus = corpus
        self._writer = CaseWriter(model, corpus, seed)

    def brief(self, goal: str) -> Brief:
        """Read the user's sentence into a brief; its subjects are those the corpus knows."""
        prompt = HumanMessage(render.brief(goal=render.quoted([goal])))
        try:
            reply = ask(self._model, "brief", [prompt], BriefReply)
        except ReplyError as problem:
            self._model.tell(EventKind.WARNING, f"the goal is used as it stands: {problem}")
            return Brief(goal=goal)
        domain = tuple(word for word in _distinct(reply.domain) if self._vocabulary.issuperset(_words(word)))
        return Brief(goal=goal, focus=_distinct(reply.focus), domain=domain, modality=reply.modality)

    def explore(self, brief: Brief, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> AIMessage:
        """Choose the next tool calls; a message without tool calls says that enough has been seen."""
        told = render.explore(
            goal=render.quoted([brief.goal]), focus=_listed(brief.focus), domain=_listed(brief.domain)
        )
        system = SystemMessage(told)
        try:
            reply = self._model.answer(Call("explore", (system, *messages), tuple(tools)))
        except RequestRefused as refusal:
            self._model.tell(EventKind.WARNING, f"mining in a fixed order, tools are not taken: {refusal}")
            return next_in_order(brief, messages, tools)
        reply = without_repetitions(with_readable_calls(reply, tools), messages)
        looked = any(isinstance(message, ToolMessage) and message.status == "success" for message in messages)
        return reply if reply.tool_calls or looked else next_in_order(brief, messages, tools)

    def hypothesize(self, brief: Brief, evidence: Evidence, most: int) -> list[Proposal]:
        """Propose at most `most` hypotheses that the evidence suggests and that were not tried yet.

        Raises:
            ReplyError: the model answers out of form before anything has been tried.
        """
        if evidence.regions:
            return named_regions(self._model, brief, evidence.regions)[:most]
        if not evidence.agreed:
            return [_again(failure) for failure in evidence.known if not _was_tried(failure, evidence)][:most]
        try:
            reply = ask(self._model, "hypotheses", [HumanMessage(_hypothesize(brief, evidence, most))], HypothesesReply)
        except ReplyError as problem:
            if not evidence.tried:
                raise
            self._model.tell(EventKind.WARNING, f"no further hypotheses: {problem}")
            return []
        return _new_ones(reply.hypotheses, evidence)[:most]

    def design(self, request: DesignRequest) -> Design:
        """Write fresh probes and controls; fewer than asked (or none) when the model has no more."""
        return self._writer.design(request)

    def refine(self, trial: Trial) -> Refinement:
        """Say what to do with an inconclusive hypothesis; a model that cannot say leaves it as it is."""
        if trial.hypothesis.region is not None:  # which levels fail is a matter of counts
            return refine_region(trial)
        try:
            reply = ask(self._model, "refinement", [HumanMessage(_refine(trial))], RefinementReply)
        except ReplyError as problem:
            self._model.tell(EventKind.WARNING, f"{trial.hypothesis.id} is left inconclusive: {problem}")
            return Refinement(step=Step.DROP)
        children = tuple(_proposal(child, evidence=trial.hypothesis.evidence) for child in reply.children)
        if reply.step is Step.CHILDREN and not children:
            return Refinement(step=Step.DROP)
        return Refinement(step=reply.step, children=children if reply.step is Step.CHILDREN else ())

    def relate(self, hypothesis: Hypothesis, known: Sequence[Failure]) -> Relation:
        """Say whether a confirmed failure is the same as, narrower than, or new beside the known ones."""
        if not known:
            return Relation(kinship=Kinship.NEW)
        if hypothesis.region is not None:
            return relate_regions(hypothesis, known)
        prompt = render.relate(hypothesis=_told(hypothesis), known=_known(known))
        try:
            reply = ask(self._model, "relation", [HumanMessage(prompt)], RelationReply)
        except ReplyError as problem:
            self._model.tell(EventKind.WARNING, f"{hypothesis.id} is stored as new: {problem}")
            return Relation(kinship=Kinship.NEW)
        if reply.kinship is Kinship.NEW or reply.failure not in {failure.id for failure in known}:
            return Relation(kinship=Kinship.NEW)
        return Relation(kinship=reply.kinship, failure=reply.failure)

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(word for text in self._corpus for word in _words(text))


def _hypothesize(brief: Brief, evidence: Evidence, most: int) -> str:
    return render.hypothesize(
        goal=render.quoted([brief.goal]),
        focus=_listed(brief.focus),
        domain=_listed(brief.domain),
        changes=_changes(evidence.agreed[:MAX_EVIDENCE]),
        agreed=_pairs(evidence.agreed[:MAX_EVIDENCE]),
        noticed=_pairs(_spread(evidence.noticed, KEPT_APART)),
        cells=render.quoted([_cell(cell) for cell in evidence.cells]),
        known=_known(evidence.known),
        tried=render.quoted([{"title": h.title, "description": h.description} for h in evidence.tried]),
        most=most,
    )


def _cell(cell: MapCell) -> dict[str, str | float]:
    return {"kind": cell.kind, "area": cell.area, "tried": cell.tried, "unnoticed": cell.unnoticed}


def _refine(trial: Trial) -> str:
    verdict = {"decision": trial.verdict.decision.value, "reason": trial.verdict.reason}
    return render.refine(
        hypothesis=_told(trial.hypothesis),
        verdict=render.quoted([verdict]),
        failed=_cases(trial.probes, Outcome.FAIL),
        passed=_cases(trial.probes, Outcome.PASS),
        confused=_cases(trial.controls, Outcome.FAIL),
    )


def _new_ones(replies: Iterable[ProposalReply], evidence: Evidence) -> list[Proposal]:
    """Keep what was not tried or said already, what rests on pairs first; ids that do not exist are dropped."""
    seen = {_gist(hypothesis.title) for hypothesis in evidence.tried}
    pairs = {pair.id for pair in evidence.agreed}
    known = {failure.id for failure in evidence.known}
    proposals = []
    for reply in replies:
        if _gist(reply.title) not in seen:
            seen.add(_gist(reply.title))
            shown = tuple(i for i in reply.evidence if i in pairs)
            told = reply.model_copy(update={"noticed": _in_words(reply.noticed, evidence)})
            proposals.append(_proposal(told, shown, reply.known if reply.known in known else None))
    return sorted(proposals, key=lambda proposal: not proposal.evidence)


def _in_words(noticed: str, evidence: Evidence) -> str:
    """Return what is noticed in words, where a model answers with the ids of pairs instead."""
    said = set(re.split(r"[\s,;]+", noticed))
    if not said & {pair.id for pair in (*evidence.noticed, *evidence.agreed)}:
        return noticed
    changes = dict.fromkeys(_change(pair.edit) for pair in evidence.noticed if pair.id in said)
    return ", or ".join(change for change in list(changes)[:_CONTRASTS] if change)


def _proposal(reply: ProposalReply, evidence: tuple[str, ...], known: str | None = None) -> Proposal:
    description = _clipped(reply.description, _DESCRIPTION)
    if noticed := _clipped(reply.noticed, _DESCRIPTION):
        description = f"{description.rstrip('.')}. {CONTRAST} {noticed}"
    within = _distinct(reply.only_with)
    if within:
        description = (
            f"{description.rstrip('.')}. This is said of texts that hold one of these words: {', '.join(within)}."
        )
    return Proposal(
        title=_clipped(reply.title, _TITLE),
        description=description,
        evidence=evidence,
        known=known,
        within=(within,) if within else (),
    )


def _again(failure: Failure) -> Proposal:
    return Proposal(title=failure.title, description=failure.description, rule=failure.rule, known=failure.id)


def _was_tried(failure: Failure, evidence: Evidence) -> bool:
    return any(failure.id == h.known or _gist(failure.title) == _gist(h.title) for h in evidence.tried)


def _told(hypothesis: Hypothesis) -> str:
    return render.quoted([{"title": hypothesis.title, "description": hypothesis.description}])


def _known(failures: Sequence[Failure]) -> str:
    return render.quoted([{"id": f.id, "title": f.title, "description": f.description} for f in failures])


def _pairs(pairs: Sequence[MinedPair]) -> str:
    return render.quoted([_row(pair) for pair in pairs])


def _row(pair: MinedPair) -> dict[str, str]:
    change = _change(pair.edit)
    return {"id": pair.id, "a": pair.a, "b": pair.b} | ({"change": change} if change else {})


def _changes(pairs: Sequence[MinedPair]) -> str:
    """Count the changes: small models see the pairs and overlook what sets them apart."""
    counted = Counter(change for pair in pairs if (change := _change(pair.edit)))
    rows: list[dict[str, str | float]] = [{"change": c, "pairs": n} for c, n in counted.most_common(MOST_CHANGES)]
    return render.quoted(rows)


def _change(edit: Edit | None) -> str:
    if edit is None:
        return ""
    removed, added = (f"'{' '.join(words)}'" for words in (edit.removed, edit.added))
    said = {
        EditKind.EXCHANGE: f"{removed} becomes {added}",
        EditKind.ADD: f"{added} is added",
        EditKind.DROP: f"{removed} is dropped",
        EditKind.SWAP: f"{removed} and {added} trade places",
    }
    return said[edit.kind]


def _cases(cases: Sequence[Tried], outcome: Outcome) -> str:
    chosen = [case for case in cases if case.observation.outcome is outcome]
    return render.quoted([{"a": case.a, "b": case.b} for case in _spread(chosen, SHOWN_CASES)])


def _spread(items: Sequence[T], most: int) -> Sequence[T]:
    step = max(1, -(-len(items) // most))
    return items[::step]


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tidy for word in words if (tidy := _clipped(word, _TITLE).lower())))


def _listed(words: Sequence[str]) -> str:
    return render.quoted(list(words)) if words else "any"


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _gist(text: str) -> str:
    return " ".join(_words(text))


def _clipped(text: str, most: int) -> str:
    tidy = " ".join(text.split())
    return tidy if len(tidy) <= most else tidy[: most - 1].rstrip() + "…"
