"""What a review leaves: how much was answered, how well raters agree, what it changed, and what to do next."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from faultfinder.agent.endings import FOR_PEOPLE
from faultfinder.agent.folder.holding import hold_audit
from faultfinder.agent.inquiries import inquiries
from faultfinder.agent.landscape.rating import are_worth_exploring
from faultfinder.agent.questions import unanswered
from faultfinder.agent.report import words
from faultfinder.agent.terminal.streams import plain
from faultfinder.memory.errors import AuditError, FaultfinderError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Label, Question, standing
from faultfinder.memory.records import Decision
from faultfinder.tools.people.raters import RaterAgreement, raters_agreement


class Before:
    """How an audit stood when a review began."""

    def __init__(self, ledger: Ledger) -> None:
        """Take down the verdicts and the labels."""
        self.decisions = decisions_of(ledger)
        self.labels = {label.id for label in ledger.all(Label)}


def decisions_of(ledger: Ledger) -> dict[str, Decision]:
    """Return what is said of every hypothesis that has a verdict, people's word included."""
    return {each.hypothesis.id: each.decision for each in inquiries(ledger) if each.verdict}


def conclude(folder: Path, ledger: Ledger, before: Before) -> list[str]:
    """Say what a review changed and what to do next; the report is written anew where that is for nobody else to do."""
    said = [answered(ledger, before), agreement(ledger)]
    changes = changed(ledger, before.decisions)
    if before.labels == {label.id for label in ledger.all(Label)}:
        return [*said, *changes, *_waiting(folder, ledger)]
    return [*said, *changes, *_written(folder, ledger), *_waiting(folder, ledger)]


def answered(ledger: Ledger, before: Before) -> str:
    """Say how much was answered, now and in all."""
    questions, labels = ledger.all(Question), ledger.all(Label)
    new = [label for label in labels if label.id not in before.labels]
    given = sum(label.answer is not None for label in new)
    back = len(new) - given
    now = words.plural(given, "answer") + " now" + (f", {back} taken back" if back else "")
    done = len(questions) - len(unanswered(ledger))
    raters = len({rater for _, rater in standing(labels)})
    return f"{now}; {done} of {words.plural(len(questions), 'question')} answered by {words.plural(raters, 'rater')}."


def agreement(ledger: Ledger) -> str:
    """Say how well the raters agree."""
    return told(raters_agreement(list(standing(ledger.all(Label)).values()), ledger.all(Question)))


def told(found: RaterAgreement) -> str:
    """Put the agreement of raters into words."""
    if found.alpha is None:
        return f"Agreement between raters: not defined ({found.reason})."
    interval = f", 95 % interval {found.interval[0]:.3f} to {found.interval[1]:.3f}" if found.interval else ""
    over = words.plural(found.items, "question")
    return (
        f"Agreement between raters: Krippendorff's alpha {found.alpha:.3f}{interval}, on {over} that two or more saw."
    )


def changed(ledger: Ledger, before: Mapping[str, Decision]) -> list[str]:
    """Name the findings whose verdict is another than before."""
    now = {each.hypothesis.id: each for each in inquiries(ledger) if each.verdict}
    return [
        f"Changed: {key} ({plain(now[key].hypothesis.title)}) was {decision}, is {now[key].decision}."
        for key, decision in before.items()
        if key in now and now[key].decision is not decision
    ]


def _written(folder: Path, ledger: Ledger) -> list[str]:
    """Write the report anew; an audit that is running, or has no report yet, does so itself."""
    if not (folder / "findings.json").is_file():
        return ["The audit has written no report yet; the answers go into it when it does."]
    try:
        with hold_audit(folder):
            from faultfinder.agent.report.rewriting import rewrite_outputs

            return [f"Report: {rewrite_outputs(folder).report}", *_remembered(folder, ledger)]
    except AuditError as error:
        return [f"The report was not written anew: {error}. Later: faultfinder report {command_end(folder)}"]


def _remembered(folder: Path, ledger: Ledger) -> list[str]:
    """Tell the failure memory what people overturned; what it cannot be told now is told at the next occasion."""
    from faultfinder.agent.assembly import open_memory
    from faultfinder.agent.people.heeding import heed_people, unheeded
    from faultfinder.agent.report.rewriting import settings_of

    if not unheeded(ledger):
        return []
    settings = settings_of(ledger, folder)
    try:
        with open_memory(settings.memory, settings.reference) as memory:
            return heed_people(ledger, memory, settings.name)
    except FaultfinderError as error:
        return [f"The failure memory was not told: {error}"]


def _waiting(folder: Path, ledger: Ledger) -> list[str]:
    resume = f"faultfinder resume {command_end(folder)}"
    if not _waits(folder):
        return [f"Explore again, by what matters: {resume}"] if are_worth_exploring(ledger) else []
    left = len(unanswered(ledger))
    if left:
        return [f"The audit waits for {words.plural(left, 'more answer')}. Without them: {resume} --people later"]
    return [f"The audit has what it waited for. Go on with: {resume}"]


def _waits(folder: Path) -> bool:
    from faultfinder.agent.report.conclusion import load_findings

    try:
        return load_findings(folder).audit.stopped_by == FOR_PEOPLE
    except AuditError:
        return False


def command_end(folder: Path) -> str:
    """Return an audit's name as commands take it, with --out where it lies elsewhere."""
    elsewhere = "" if folder.parent == Path("audits") else f" --out {shlex.quote(str(folder.parent))}"
    return shlex.quote(folder.name) + elsewhere
