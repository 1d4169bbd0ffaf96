"""Saying what the tools answered, without a model: plain sentences, each with the ids that bear it out.

What comes from the audit as text (titles, cases, names) stands in quotation marks, so that the check can hold it to its
source and nothing in it is taken for a number of ours.
"""

from collections.abc import Iterable, Sequence

from faultfinder.agent.chat.answers import CaseFound, CasesFound, FindingRow, FindingShown, FindingsListed
from faultfinder.agent.report import words
from faultfinder.agent.report.findings import Status
from faultfinder.memory.records import Counts, Outcome, Role

_MARKS = str.maketrans({"“": "'", "”": "'", '"': "'", "\n": " "})
_SAID = {Status.CONFIRMED: "proven", Status.REFUTED: "refuted", Status.INCONCLUSIVE: "inconclusive"}
_OUTCOMES = {
    Outcome.FAIL: "fails",
    Outcome.PASS: "passes",
    Outcome.INVALID: "is invalid",
    Outcome.UNSCORABLE: "is unscorable",
    Outcome.ERROR: "ended in an error",
}


def quote(text: str) -> str:
    """Quote a text; marks of its own become plain ones."""
    return f"“{text.translate(_MARKS)}”"


def lines(*parts: str | Iterable[str]) -> str:
    """Put parts under one another, empty ones left out."""
    flat = [line for part in parts for line in ([part] if isinstance(part, str) else part)]
    return "\n".join(line for line in flat if line)


def named(row: FindingRow) -> str:
    """Name a finding: its id and title."""
    return f"[{row.id}] {quote(row.title)}"


def counted(row: FindingRow) -> str:
    """Say a finding's counts."""
    if not row.probes_scored:
        return "no probe was scored"
    control = f"{row.controls_failed} of {row.controls_scored} controls"
    return (
        f"{row.probes_failed} of {row.probes_scored} probes fail (95 % interval {words.span(row.interval)}), and "
        f"{control if row.controls_scored else 'no control was scored'}"
    )


def what_failed(listed: FindingsListed, target: str) -> str:
    """Say what was proven, what was not, and what was asked for since."""
    by_status = {status: [row for row in listed.findings if row.status is status] for status in Status}
    proven = by_status[Status.CONFIRMED]
    tested = len(listed.findings)
    head = f"{len(proven)} of {tested} hypotheses about {quote(target)} were proven [audit]."
    if not tested:
        head = f"No hypothesis about {quote(target)} was tested [audit]."
    return lines(
        head,
        _bullets(proven),
        _heading("Not proven:", [*by_status[Status.REFUTED], *by_status[Status.INCONCLUSIVE]]),
        _heading("Asked for in this chat:", listed.asked),
    )


def none_of(said: Sequence[str]) -> str:
    """Say that no hypothesis has the verdict that a question speaks of."""
    spoken = next((word for word in said if word in ("refuted", "inconclusive", "open")), "")
    return f"No hypothesis of this audit is {spoken} [audit]." if spoken else ""


def how_sure(shown: FindingShown) -> str:
    """Say how sure a verdict is: the counts, the interval, the test, the error budget."""
    row = shown.row
    if shown.p_value is None or shown.alpha is None:
        return f"{named(row)} has no verdict: its cases were not judged before the audit ended."
    return lines(
        f"{named(row)} is {_SAID[row.status]}: {counted(row)}.",
        f"If the probes failed no more often than the controls, a difference this large would turn up with probability "
        f"{words.small(shown.p_value)}; its share of the error budget was {words.small(shown.alpha)} [{row.id}].",
        _unscored(shown),
        "All tests of the audit share one error budget: the chance that any of them confirms something falsely is at "
        "most 5 % [audit].",
    )


def why(shown: FindingShown, name: str) -> str:
    """Say why a verdict is what it is."""
    row = shown.row
    if shown.reason is None:
        return f"{named(row)} has no verdict: {_left(shown)} [{row.id}]."
    examples = [*shown.failing[:2], *shown.controls[:1]] if row.status is Status.CONFIRMED else []
    if row.status is not Status.CONFIRMED:
        examples = [*shown.passing[:2], *shown.failing[:1]]
    return lines(
        f"{named(row)} is {_SAID[row.status]}: {counted(row)}.",
        _rule(shown),
        f"Its cases are not those that suggested it; whether their texts differ in meaning was judged beforehand by "
        f"{' and '.join(quote(judge) for judge in shown.judges)} [{row.id}].",
        _unscored(shown),
        _lines_of(examples),
        f"If you see one otherwise, `faultfinder review {name} --finding {row.id}` records your word and counts anew.",
    )


def show(shown: FindingShown, pictures: Sequence[str]) -> str:
    """Show a finding's first cases of each kind, and where pictures of the first one lie."""
    row = shown.row
    first = [*shown.failing, *shown.passing[:1], *shown.controls[:1]]
    if not first:
        return f"{named(row)} has no scored case to show."
    return lines(
        f"{named(row)}; the first cases written of each kind:",
        _lines_of(first),
        _pictures(first[0].id, pictures),
    )


def case_in_full(case: CaseFound, pictures: Sequence[str]) -> str:
    """Show one case and why it ended so."""
    near = (
        f" The target puts the two at {words.cosine(case.similarity)}, and takes texts for rewordings from "
        f"{words.cosine(case.bar)} on [{case.id}]."
        if case.similarity is not None
        else ""
    )
    detail = f" What is noted of it: {quote(case.detail)} [{case.id}]." if case.detail else ""
    judge = f" That they differ in meaning was judged by {quote(case.judged.partition(':')[0])} [{case.id}]."
    return lines(f"{case_line(case)[2:]}{near}{detail}{judge}", _pictures(case.id, pictures))


def cases(found: CasesFound, shown_of: str = "") -> str:
    """Show the cases that a search found."""
    if not found.cases:
        return f"No case matches{f' {quote(shown_of)}' if shown_of else ''}."
    return _lines_of(found.cases)


def holds(shown: FindingShown, part: str, taken: str, question: str, name: str) -> str:
    """Say what an experiment on a part of the inputs came to."""
    row = shown.row
    lead = {
        Status.CONFIRMED: f"Yes, it holds for {quote(part)}:",
        Status.REFUTED: f"No, it does not hold for {quote(part)}:",
        Status.INCONCLUSIVE: f"That cannot be said for {quote(part)}:",
    }
    return lines(
        taken,
        f"{lead[row.status]} [{row.id}] is {_SAID[row.status]}, as {counted(row)}.",
        "" if row.status is Status.CONFIRMED else f"The reason is that {quote(shown.reason or '')} [{row.id}].",
        *experiment(shown, question, name),
    )


def experiment(shown: FindingShown, question: str, name: str) -> list[str]:
    """Say how an experiment asked for was made, with a case or two, and where it is shown."""
    row = shown.row
    before = f"It was tested when {quote(row.asked)} was asked [{row.id}]." if row.asked not in (None, question) else ""
    number = (
        f"It was test {shown.test_number} of the audit, on fresh inputs, with a share of {words.small(shown.alpha)} of "
        f"the error budget and p = {words.small(shown.p_value)} [{row.id}]."
        if shown.p_value is not None
        else ""
    )
    kept = (
        f"[{row.id}] is kept apart from the audit's own findings; `faultfinder report {name}` shows it under Asked "
        "afterwards."
        if row.asked is not None
        else ""
    )
    examples = [*shown.failing[:1], *shown.passing[:1], *shown.controls[:1]]
    return [before, number, _unscored(shown), _lines_of(examples), kept]


def case_line(case: CaseFound) -> str:
    """Say one case in a line."""
    role = ", a control," if case.role is Role.CONTROL else ""
    near = (
        f" (similarity {words.cosine(case.similarity)}, bar {words.cosine(case.bar)})"
        if case.similarity is not None
        else ""
    )
    return f"- [{case.id}]{role} {_OUTCOMES[case.outcome]}: {quote(case.a)} / {quote(case.b)}{near}."


def _rule(shown: FindingShown) -> str:
    row, p_value, alpha = shown.row, words.small(shown.p_value), words.small(shown.alpha)
    low, high = (words.percent(bound) for bound in row.interval)
    if row.status is Status.CONFIRMED:
        return (
            f"At least half of the probes fail even at the lower end of the interval ({low}), and more often than the "
            f"controls: p = {p_value}, below its share {alpha} of the error budget [{row.id}]."
        )
    return f"The reason is that {quote(shown.reason or '')}; the interval ends at {high} [{row.id}]."


def _unscored(shown: FindingShown) -> str:
    arms = [said for arm, noun in ((shown.probes, "probes"), (shown.control, "controls")) if (said := _lost(arm, noun))]
    return f"{' and '.join(arms)} [{shown.row.id}]." if arms else ""


def _lost(arm: Counts, noun: str) -> str:
    kinds = (("invalid", arm.invalid), ("unscorable", arm.unscorable), ("ended in an error", arm.error))
    said = [f"{number} of {arm.n} {noun} {'was' if number == 1 else 'were'} {kind}" for kind, number in kinds if number]
    return " and ".join(said).replace("were ended", "ended").replace("was ended", "ended")


def _left(shown: FindingShown) -> str:
    written = shown.unjudged or (shown.probes.n + shown.control.n)
    return "its cases were written and not judged" if written else "no case was written for it"


def _heading(heading: str, rows: Sequence[FindingRow]) -> list[str]:
    return [heading, *_bullets(rows)] if rows else []


def _bullets(rows: Sequence[FindingRow]) -> list[str]:
    return [f"- {named(row)}: {_SAID[row.status]}; {counted(row)}." for row in rows]


def _lines_of(found: Sequence[CaseFound]) -> str:
    return "\n".join(case_line(case) for case in found)


def _pictures(case: str, files: Sequence[str]) -> str:
    if not files:
        return ""
    return "\n".join([f"Pictures of [{case}]:", *(f"  {file}" for file in files)])
