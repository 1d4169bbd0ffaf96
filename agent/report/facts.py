"""What a report says of the whole audit in sentences and lists: summary, facts, how pictures were judged, the cost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from faultfinder.agent.inquiries import Inquiry
from faultfinder.agent.judge import HALF
from faultfinder.agent.pictures.correction import JudgeQuality
from faultfinder.agent.report import words
from faultfinder.agent.report.findings import FindingsFile, Status, alarms
from faultfinder.memory.records import AuditSettings
from faultfinder.tools.encoder_eyes import EyesCalibration

NAMED = 6
"""Proven failures that the summary names; the table has them all."""


@dataclass(frozen=True)
class Expense:
    """One thing an audit spends."""

    what: str
    spent: str
    limit: str


def paints(findings: FindingsFile, settings: AuditSettings) -> bool:
    """Tell whether the model under audit is a generator of pictures."""
    return settings.downstream is None and findings.budget.spent.images > 0


def changes(findings: FindingsFile) -> bool:
    """Tell whether all that was tested is about changed inputs."""
    return bool(findings.landscapes) and all(finding.region is not None for finding in findings.findings)


def summary(findings: FindingsFile, settings: AuditSettings, untested: int) -> str:
    """Say what was tested and what came of it in a few sentences.

    Args:
        findings: the audit's findings.
        settings: what determined the audit.
        untested: hypotheses for which no case was written.
    """
    if found := alarms(findings):
        return found[0]
    painted = paints(findings, settings)
    if not findings.findings and findings.landscapes:
        return _nothing_stands_out(findings, settings)
    if not findings.findings and painted:
        return (
            f"The scout had {findings.audit.target} paint pairs of sentences of {findings.audit.corpus} that differ in "
            "one small thing. No kind of difference came out wrong at least every other time: no hypothesis was left "
            "to test."
        )
    if not findings.findings:
        return (
            f"The scout made small edits in sentences of {findings.audit.corpus} and compared those that lie close. "
            f"Where the meaning changed, {findings.audit.target} noticed: no hypothesis was left to test."
        )
    proven, refuted, left = (len(findings.with_status(status)) for status in Status)
    cases = sum(len(finding.cases) for finding in findings.findings)
    tested = words.plural(len(findings.findings) - untested, "hypothesis was", "hypotheses were")
    never = f", {untested} of them for want of a single case" if untested else ""
    what = _failing(findings, painted=painted)
    asked = (
        f"{tested} tested about where {findings.audit.target} {what}, on {cases:,} fresh "
        f"cases, none of which had suggested them: {proven} proven, {refuted} refuted, {left} left open{never}."
    )
    named = [
        f"{finding.title} ({words.percent(finding.probes.rate)} of the probes fail, "
        f"{words.percent(finding.control.rate)} of the controls)"
        for finding in findings.with_status(Status.CONFIRMED)
    ]
    more = f"; and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return (
        f"{asked} Proven: {'; '.join(named[:NAMED])}{more}."
        if named
        else f"{asked} Nothing was proven within this audit's limits."
    )


def _nothing_stands_out(findings: FindingsFile, settings: AuditSettings) -> str:
    """Say of a landscape without a region whether the target fails nowhere, or everywhere about alike."""
    told = (
        f"Inputs of {settings.material} were changed in every way that was to be compared, and "
        f"{findings.audit.target} answered about them."
    )
    worst = max(each.landscape.mean for each in findings.landscapes)
    if worst >= HALF:
        return (
            f"{told} It fails at {words.percent(worst)} over all changes alike, and no part stands out from the rest: "
            "there is nothing to compare it with, so no hypothesis was left to test. What fails everywhere is no "
            "matter of these changes; look at the landscape below, and at inputs that are not changed."
        )
    return (
        f"{told} No kind of change made it fail at least every other time and more often than the others: no "
        "hypothesis was left to test."
    )


def _failing(findings: FindingsFile, *, painted: bool) -> str:
    """Say what a target does when it fails."""
    if changes(findings):
        return "answers changed inputs wrongly"
    return "does not paint what it is asked for" if painted else "takes a different meaning for the same"


def facts(findings: FindingsFile, settings: AuditSettings, tried: Sequence[Inquiry]) -> list[tuple[str, str]]:
    """Say who audited what, with what, when: names and values."""
    audit = findings.audit
    return [
        ("Model under audit", audit.target),
        _material(settings, findings),
        ("Inputs judged by" if changes(findings) else "Meaning judged by", _judges(tried)),
        *_about_pictures(findings, settings),
        ("Reference encoder", audit.reference or "none"),
        ("Strategist", audit.strategist if audit.strategist != "offline" else "offline (no chat model)"),
        ("Seed", str(audit.seed)),
        ("Started", words.moment(audit.started)),
        ("Finished", words.moment(audit.finished)),
        ("Ended because", words.stopped(audit.stopped_by)),
        ("Cases asked for", f"{settings.probes} probes and {settings.controls} controls a hypothesis"),
    ]


def _material(settings: AuditSettings, findings: FindingsFile) -> tuple[str, str]:
    if changes(findings):
        return "Inputs taken from", settings.material
    return "Texts taken from", findings.audit.corpus


def _judges(tried: Sequence[Inquiry]) -> str:
    judges = Counter(attempt.case.judgement.judge for inquiry in tried for attempt in inquiry.attempts)
    return (
        ", ".join(f"{judge} ({words.plural(cases, 'case')})" for judge, cases in judges.most_common()) or "nobody yet"
    )


def looking(findings: FindingsFile) -> list[str]:
    """Say how pictures were judged, and how well; nothing where none were."""
    if not _eyes(findings):
        return []
    said = [
        f"Each picture was shown to {_eyes(findings)} with both texts, and the question was which of the two it shows: "
        "the first, the second, neither, or that it cannot be told. A pair fails when at least one of its two pictures "
        "shows the other text or neither; it passes when each shows its own; else it is unscorable."
    ]
    said += [_calibration(eyes) for eyes in findings.eyes]
    people = findings.people
    if people and people.judge_quality:
        said.append(_quality(people.judge_quality))
    return said


def _quality(quality: JudgeQuality) -> str:
    parts = [
        f"{name} {words.percent(share.value)} ({words.span(share.interval)}, {words.plural(share.n, 'pair')})"
        for name, share in (
            ("agreement with people", quality.agreement),
            ("failing pairs it calls failing (sensitivity)", quality.sensitivity),
            ("passing pairs it calls passing (specificity)", quality.specificity),
        )
    ]
    return (
        f"Measured against the people who saw both pictures of a pair: {'; '.join(parts)}. The corrected rates above "
        "(Rogan and Gladen) take the judge's bias out, at the price of a wider interval."
    )


def _calibration(eyes: EyesCalibration) -> str:
    if eyes.threshold is None:
        return f"{eyes.id} was not found right often enough at any margin, so it decides nothing."
    measured = (
        f" On {words.plural(eyes.measured, 'other picture')} it decided {words.percent(eyes.decided)} and was right in "
        f"{words.percent(eyes.right)} of these ({words.span(eyes.interval)})."
        if eyes.interval
        else ""
    )
    return f"{eyes.id} decides from a margin of {eyes.threshold:.3f} between the two texts ({eyes.method}).{measured}"


def _eyes(findings: FindingsFile) -> str:
    """Return who looked at pictures; empty where nobody did."""
    downstream = {finding.downstream.judge for finding in findings.findings if finding.downstream}
    direct = {
        (side.seen_by.partition(":")[0])
        for finding in findings.findings
        for case in finding.cases
        for side in (case.painted_a, case.painted_b)
        if side and side.seen_by
    }
    return ", ".join(sorted(downstream or direct))


def _about_pictures(findings: FindingsFile, settings: AuditSettings) -> list[tuple[str, str]]:
    followed = [("Followed downstream into", settings.downstream)] if settings.downstream else []
    return [*followed, ("Pictures judged by", _eyes(findings))] if _eyes(findings) else [*followed]


def expenses(findings: FindingsFile) -> list[Expense]:
    """Say what was spent of everything that can be limited."""
    spent, limits = findings.budget.spent, findings.budget.limits
    rows = (
        ("Time, minutes", f"{spent.minutes:.1f}", limits.minutes),
        ("Hypotheses tested", f"{spent.hypotheses:,}", limits.hypotheses),
        ("Chat model calls", f"{spent.llm_calls:,}", limits.llm_calls),
        ("Chat model tokens", f"{spent.tokens:,}", limits.tokens),
        ("Pictures painted", f"{spent.images:,}", limits.images),
        ("US dollars", f"{spent.usd:.2f}", limits.usd),
    )
    return [Expense(what, value, "no limit" if limit is None else f"{limit:,g}") for what, value, limit in rows]
