"""How a fade is told: rows and sentences. No colours, no markup; everything is data."""

from dataclasses import dataclass

from faultfinder.agent.fading.records import Estimate, FadeFile, Score, Verdict
from faultfinder.agent.report.words import DASH
from faultfinder.agent.suites.check_words import rate, share
from faultfinder.memory.records import Counts

COLUMNS = ("what", "cases", "before (95 %)", "after (95 %)", "change (95 %)", "outcome")
STYLES = {Verdict.FADED: "green", Verdict.NOT_FADED: "bold red", Verdict.REFUSED: "bold red"}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    cases: str
    before: str
    after: str
    change: str
    outcome: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the cells in the order of `COLUMNS`."""
        return (self.what, self.cases, self.before, self.after, self.change, self.outcome)


def rows(fade: FadeFile) -> list[Row]:
    """Return everything that was measured before and after, a line each."""
    found = [score_row(score) for score in fade.scores]
    if tested := fade.experiment:
        found.append(
            _counts("fresh experiment, probes failing", tested.probes_before, tested.probes, tested.fate.value)
        )
        found.append(_counts("fresh experiment, controls failing", tested.control_before, tested.control, ""))
    if suite := fade.suite:
        found.append(_counts("its suite, probes failing", suite.before, suite.probes, suite.fate.value))
    if fade.reaudit:
        again = "confirmed again" if fade.reaudit.again else "not confirmed"
        found.append(Row("audit of the changed model", str(fade.reaudit.tested), "confirmed", again, "", again))
        found += [
            _counts(f"  {each.failure}: {each.title}", each.before, each.probes, "NEW" if each.new else "had it before")
            for each in fade.reaudit.found
        ]
    return found


def conclusion(fade: FadeFile) -> str:
    """Return the last word: the verdict and why."""
    return f"{fade.verdict.value}: {fade.title}. {fade.reason[:1].upper()}{fade.reason[1:]}."


def notes(fade: FadeFile) -> list[str]:
    """Return what else a reader should know."""
    training = fade.training
    said = [
        f"training: {training.steps:,} of {training.planned:,} steps in {training.seconds / 60:.1f} min; "
        f"{training.stopped_by}"
    ]
    if training.alpha is not None:
        said.append(
            f"taken: {training.alpha:g} of the way from the original to the weights of step {training.good_step:,}"
        )
    worse = [score.name for score in fade.worse]
    said.append(f"got worse beyond chance: {', '.join(worse)}" if worse else "nothing measured got worse beyond chance")
    open_ones = [score.name for score in fade.scores if score.about != "failure" and score.keeping.value == "not shown"]
    said += [f"too few cases to show that they are kept: {', '.join(open_ones)}"] if open_ones else []
    return [*said, *fade.data.notes]


def span(estimate: Estimate) -> str:
    """Say a mean with its interval: '0.51 (0.48-0.55)'."""
    return f"{estimate.value:.3f} ({estimate.low:.3f}{DASH}{estimate.high:.3f})"


def signed(estimate: Estimate) -> str:
    """Say a change with its interval: '+0.48 (+0.45 to +0.51)'."""
    return f"{estimate.value:+.3f} ({estimate.low:+.3f} to {estimate.high:+.3f})"


def score_row(score: Score) -> Row:
    """Return one score as a line."""
    name = score.said or score.name
    outcome = "" if score.about == "failure" else score.keeping.value
    return Row(name, f"{score.cases:,}", span(score.before), span(score.after), signed(score.change), outcome)


def _counts(what: str, before: Counts | None, after: Counts, outcome: str) -> Row:
    then = _said(before) if before else "not asked"
    return Row(what, str(after.n), then, _said(after), "", outcome)


def _said(counts: Counts) -> str:
    return f"{share(counts)}, {rate(counts)}"
