"""How a fade is told: rows and sentences. No colours, no markup; everything is data."""

from collections.abc import Sequence
from dataclasses import dataclass

from faultfinder.agent.fading.records import Estimate, FadeFile, Keeping, Score, Shift, Training, Verdict
from faultfinder.agent.fading.text_records import Exported
from faultfinder.agent.report.landscape_view import say_action
from faultfinder.agent.report.words import DASH, percent
from faultfinder.agent.suites.check_words import rate, share
from faultfinder.memory.landscape_records import Shape
from faultfinder.memory.records import Counts

_PEAKS = 3
_NOT_LISTED = ("failure", "label")

COLUMNS = ("what", "cases", "before (95 %)", "after (95 %)", "change (95 %)", "outcome")
STYLES = {
    Verdict.FADED: "green",
    Verdict.EXPORTED: "yellow",
    Verdict.NOT_FADED: "bold red",
    Verdict.REFUSED: "bold red",
}


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


def score_rows(fade: FadeFile) -> list[Row]:
    """Return every score before and after; of labels those that got worse, and the rest in one line."""
    others = [score_row(score) for score in fade.scores if score.about != "label"]
    return others + _labels([score for score in fade.scores if score.about == "label"])


def rows(fade: FadeFile) -> list[Row]:
    """Return everything that was measured before and after, a line each."""
    files = fade.exported.files if fade.exported else ()
    written = [Row(f"written: {file.name}", f"{file.examples:,}", "", "", "", "") for file in files]
    return [*score_rows(fade), *written, *proof_rows(fade)]


def proof_rows(fade: FadeFile) -> list[Row]:
    """Return what was asked of both models to prove it, a line each."""
    found: list[Row] = []
    if tested := fade.experiment:
        found.append(
            _counts("fresh experiment, probes failing", tested.probes_before, tested.probes, tested.fate.value)
        )
        found.append(_counts("fresh experiment, controls failing", tested.control_before, tested.control, ""))
    if fade.shift:
        found += _shift(fade.shift)
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


def _shift(shift: Shift) -> list[Row]:
    """Return what became of the landscape, a line each."""
    asked, then, now = f"{shift.queries:,}", shift.before, shift.after
    first, second = shift.shape_before, shift.shape_after
    found = [
        Row("landscape, failing over all actions", asked, percent(then.mean), percent(now.mean), "", ""),
        Row("landscape, entropy of failures in bits", asked, f"{first.entropy:.2f}", f"{second.entropy:.2f}", "", ""),
        Row("landscape, peaks that stand out", asked, peaks(shift, first), peaks(shift, second), "", ""),
        Row("landscape, how far failures moved", asked, "", "", f"{shift.distance:.3f}", ""),
    ]
    if worst := shift.worsened:
        change = f"{worst.after - worst.before:+.3f} ({worst.low:+.3f} to {worst.high:+.3f})"
        outcome = "worse" if worst.low > 0 else "perhaps chance"
        name = f"landscape, got worst: {worst.said}"
        found.append(Row(name, asked, percent(worst.before), percent(worst.after), change, outcome))
    return found


def peaks(shift: Shift, shape: Shape) -> str:
    """Say where failures peak: '2: at 0.1 times the brightness; at 5 times the brightness'."""
    named = "; ".join(say_action(shift.axes, action) for action in shape.peaks[:_PEAKS])
    return f"{len(shape.peaks)}: {named}" if named else "none"


def is_worse(score: Score) -> bool:
    """Tell whether a score got worse beyond chance."""
    return score.change.high < 0 or score.keeping is Keeping.FELL


def label_notes(fade: FadeFile) -> list[str]:
    """Say what became of the labels, where each is guarded, for a reader who does not have the table's line."""
    found = _labels([score for score in fade.scores if score.about == "label"])[:1]
    return [
        f"{row.what}: {row.before} before, {row.after} after, {row.change} in change; {row.outcome}" for row in found
    ]


def _labels(scores: Sequence[Score]) -> list[Row]:
    """Return guarded labels: all in one line, then those that got worse beyond chance."""
    if not scores:
        return []
    values = [[getattr(score, side).value for score in scores] for side in ("before", "after", "change")]
    before, after = (f"{min(each):.3f} to {max(each):.3f}" for each in values[:2])
    change = f"{min(values[2]):+.3f} to {max(values[2]):+.3f}"
    fell = sum(score.keeping is Keeping.FELL for score in scores)
    whole = Row(
        f"accuracy by label, {len(scores)} groups, from the worst to the best",
        f"{sum(score.cases for score in scores):,}",
        before,
        after,
        change,
        f"{fell} fell" if fell else "none fell",
    )
    return [whole, *(score_row(score) for score in scores if is_worse(score))]


def conclusion(fade: FadeFile) -> str:
    """Return the last word: the verdict and why."""
    return f"{fade.verdict.value}: {fade.title}. {fade.reason[:1].upper()}{fade.reason[1:]}."


def notes(fade: FadeFile) -> list[str]:
    """Return what else a reader should know."""
    if fade.exported is not None:
        return [*_of_export(fade.exported), *fade.data.notes]
    said = _of_training(fade.training) if fade.training else []
    worse = [score.name for score in fade.worse]
    said.append(f"got worse beyond chance: {', '.join(worse)}" if worse else "nothing measured got worse beyond chance")
    open_ones = [
        score.name for score in fade.scores if score.about not in _NOT_LISTED and score.keeping is Keeping.OPEN
    ]
    said += [f"too few cases to show that they are kept: {', '.join(open_ones)}"] if open_ones else []
    return [*said, *fade.data.notes]


def _of_training(training: Training) -> list[str]:
    said = [
        f"training: {training.steps:,} of {training.planned:,} steps in {training.seconds / 60:.1f} min; "
        f"{training.stopped_by}"
    ]
    if training.alpha is not None:
        said.append(
            f"taken: {training.alpha:g} of the way from the original to the weights of step {training.good_step:,}"
        )
    return said


def _of_export(exported: Exported) -> list[str]:
    return [
        f"{exported.edited:,} edited texts that the model fails at, and {exported.plain:,} unedited ones "
        f"({exported.share:.0%} of the examples), of {exported.inputs:,} inputs; {exported.with_truth:,} of all have "
        "the truth to learn, the others the model's own answer to the unedited text",
        f"{exported.tried:,} edited texts were tried: {exported.ended}; the model was asked {exported.asked:,} texts "
        f"in {exported.minutes:.1f} min",
        *(f"left out: {each.count:,} ({each.what})" for each in exported.left_out),
    ]


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
