"""An audit's own figures, as a chat may cite them: what it cost, what it looked at, how it judged."""

from collections import Counter

from pydantic import Field

from faultfinder.agent.chat.evidence import Evidence
from faultfinder.agent.judge import TOTAL_ALPHA
from faultfinder.agent.report.findings import Status
from faultfinder.agent.report.words import stopped
from faultfinder.memory.landscape_records import Exploration
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import Brief, Limits, MinedPair, Outcome, Record, Source, Spend, Verdict
from faultfinder.tools.corpora import Corpus


class Judged(Record):
    """Who said that the texts of a case differ in meaning, and how often."""

    judge: str
    cases: int


class MapFigures(Record):
    """Where an audit that explored has looked, and what going on would bring."""

    tried: int = Field(description="edits tried to fill the map")
    cells: int = Field(description="cells of the map where something was tried")
    areas: int = Field(description="subject areas of the corpus")
    passes: float = Field(description="passes over all areas")
    chance: float | None = Field(description="chance that going on would find another failure, in hundredths")


class AuditSummary(Record):
    """The figures of one audit, cited as [audit]."""

    name: str
    goal: str
    target: str
    reference: str | None
    corpus: str
    strategist: str
    stopped: str = Field(description="why it ended")
    tested: int = Field(description="the audit's own hypotheses")
    proven: int
    refuted: int
    left_open: int
    asked: int = Field(description="experiments asked for in chats")
    tests: int = Field(description="tests so far, each with its share of the error budget")
    error_budget: float = TOTAL_ALPHA
    cases: int = Field(description="cases written, of the audit's own hypotheses and of those asked for")
    scored: int
    invalid: int
    unscorable: int
    errors: int
    judged: tuple[Judged, ...]
    threshold: float | None = Field(description="corpus-wide agreement threshold")
    rewordings: int | None = Field(description="pairs of rewordings behind it")
    probes: int = Field(description="probes wanted of each experiment")
    controls: int = Field(description="controls wanted of each experiment")
    texts: int = Field(description="texts of the corpus; 0 where it cannot be read now")
    texts_used: int = Field(description="texts of the corpus that the scout or an experiment has used")
    texts_left_out: int = Field(description="lines of the corpus file that were not usable")
    edits: int = Field(description="pairs found by small edits")
    agreements: int = Field(description="pairs found by joining the corpus with itself")
    painted: int = Field(description="pairs of prompts painted while scouting")
    explored: int = Field(default=0, description="changed inputs that an explorer tried")
    scoring: str | None = Field(default=None, description="when an answer to a changed input fails, with the formula")
    map: MapFigures | None = Field(default=None, description="the map, where the audit explored; null for one pass")
    focus: tuple[str, ...] = Field(description="kinds of difference the goal asks for; empty for all")
    limits: Limits
    spent: Spend
    waiting_list: int = Field(description="hypotheses that people want tested")


def summarize(evidence: Evidence, corpus: Corpus | None) -> AuditSummary:
    """Add up an audit's figures."""
    ledger, file = evidence.ledger, evidence.file
    attempts = list(evidence.cases.values())
    ends = Counter(tried.seen.outcome for tried in attempts)
    mined = Counter(pair.source for pair in ledger.all(MinedPair))
    brief, calibration = ledger.all(Brief), file.calibration
    used, explorations = ledger.spent_texts(), ledger.all(Exploration)
    return AuditSummary(
        **file.audit.model_dump(include={"goal", "target", "reference", "corpus", "strategist"}),
        name=file.audit.id,
        stopped=stopped(file.audit.stopped_by),
        tested=len(evidence.own),
        proven=len(evidence.with_status(Status.CONFIRMED)),
        refuted=len(evidence.with_status(Status.REFUTED)),
        left_open=len(evidence.with_status(Status.INCONCLUSIVE)),
        asked=len(evidence.asked),
        tests=len(ledger.all(Verdict)),
        cases=len(attempts),
        scored=ends[Outcome.FAIL] + ends[Outcome.PASS],
        invalid=ends[Outcome.INVALID],
        unscorable=ends[Outcome.UNSCORABLE],
        errors=ends[Outcome.ERROR],
        judged=_judged(evidence),
        threshold=calibration.agreement_threshold if calibration else None,
        rewordings=calibration.pairs if calibration else None,
        probes=evidence.settings.probes,
        controls=evidence.settings.controls,
        texts=len(corpus) if corpus else 0,
        texts_used=sum(text in used for text in corpus.texts) if corpus else 0,
        texts_left_out=corpus.skipped.total if corpus else 0,
        edits=mined[Source.EDITS],
        agreements=mined[Source.AGREEMENTS],
        painted=len(ledger.all(PaintedPair)),
        explored=sum(each.queries for each in explorations),
        scoring=explorations[-1].scoring if explorations else None,
        map=_map(evidence, mined[Source.MAP]),
        focus=brief[0].focus if brief else (),
        limits=evidence.settings.limits,
        spent=ledger.spend(),
        waiting_list=_waiting(evidence),
    )


def _map(evidence: Evidence, tried: int) -> MapFigures | None:
    charted = evidence.file.search.map if evidence.file.search else None
    if charted is None:
        return None
    return MapFigures(
        tried=tried,
        cells=len(charted.cells),
        areas=len(charted.areas),
        passes=round(charted.passes, 1),
        chance=None if charted.chance is None else round(charted.chance, 2),
    )


def _judged(evidence: Evidence) -> tuple[Judged, ...]:
    said = Counter(tried.case.judgement.judge for tried in evidence.cases.values())
    return tuple(Judged(judge=judge, cases=cases) for judge, cases in said.most_common())


def _waiting(evidence: Evidence) -> int:
    from faultfinder.memory.records import Waitlisted

    taken = {each.hypothesis.description for each in evidence.own}
    return sum(each.description not in taken for each in evidence.ledger.all(Waitlisted))
