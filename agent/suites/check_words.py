"""How a check is told: rows, sentences, the last line. No colours, no markup; everything is data."""

from faultfinder.agent.report.words import DASH, percent, plural, small, span
from faultfinder.agent.suites.checking import Change, Check, CheckedFailure, Direction, Gate
from faultfinder.agent.suites.fate import Fate
from faultfinder.memory.records import Counts, Role

COLUMNS = (
    "failure",
    "what",
    "probes failing then",
    "probes failing now",
    "controls then",
    "controls now",
    "verdict",
    "against the baseline",
)
STYLES = {Fate.FIXED: "green", Fate.FAILS: "bold red", Fate.UNCLEAR: "yellow"}
_COUNTED = {Fate.FIXED: "fixed", Fate.FAILS: "still failing", Fate.UNCLEAR: "unclear"}
_ARMS = {Role.PROBE: "probes", Role.CONTROL: "controls"}


def share(counts: Counts) -> str:
    """Say how many of the scored cases fail: '37 of 40'; a dash where there are none."""
    return f"{counts.fail} of {counts.fail + counts.passed}" if counts.n else DASH


def rate(counts: Counts) -> str:
    """Say a failure rate with its interval: '92 % (80-97 %)'; a dash where nothing was scored."""
    return f"{percent(counts.rate)} ({span(counts.interval)})" if counts.rate is not None else DASH


def row(failure: CheckedFailure) -> tuple[str, ...]:
    """Return one failure as cells: failure, title, probes before and now, controls before and now, verdict, change."""
    return (
        failure.failure,
        failure.title,
        f"{share(failure.before)}, {rate(failure.before)}",
        f"{share(failure.probes)}, {rate(failure.probes)}{lost(failure.probes)}",
        share(failure.control_before),
        f"{share(failure.control)}{lost(failure.control)}",
        failure.fate.value,
        changed(failure),
    )


def lost(counts: Counts) -> str:
    """Say how many could not be scored, as an addition; empty where all were."""
    missing = counts.n - counts.fail - counts.passed
    return f" [{missing} not scored]" if missing else ""


def counts(failure: CheckedFailure) -> list[tuple[str, str]]:
    """Return what was counted, by name."""
    _, _, before, now, control_before, control, fate, change = row(failure)
    said = [
        (f"probes failing in {failure.found_in}", before),
        ("probes failing now", now),
        (f"controls failing in {failure.found_in}", control_before),
        ("controls failing now", control),
        ("verdict", f"{fate} ({failure.reason})"),
        ("p of no fewer failures", small(failure.p_fewer)),
    ]
    return said + ([("against the baseline", change)] if change else [])


def changed(failure: CheckedFailure) -> str:
    """Say what changed against the baseline; empty where there is none."""
    return "; ".join(_change(change) for change in failure.changes)


def _change(change: Change) -> str:
    arm = _ARMS[change.role]
    if not change.paired:
        return f"{arm}: {Direction.UNKNOWN.value}, none scored both times"
    if change.direction is Direction.SAME and not change.newly_failing + change.newly_passing:
        return f"{arm}: none changed"
    if change.direction is Direction.UNKNOWN:
        return f"{arm}: {change.direction.value}, {change.lost} that passed could not be scored"
    return (
        f"{arm}: {change.direction.value} ({change.newly_failing} newly failing, {change.newly_passing} newly passing, "
        f"p = {small(change.p_holm)} after Holm)"
    )


def facts(check: Check) -> list[tuple[str, str]]:
    """Return what was checked, by name."""
    said = [
        ("target", check.target),
        ("suite", check.suite.name),
        ("suite sha256", check.suite.sha256),
        ("cases", str(check.suite.cases)),
        ("cases not scored", str(check.unscored)),
        ("started", check.started),
        ("finished", check.finished),
        ("rule", check.rule),
    ]
    said += [("judge of pictures", check.judge)] if check.judge else []
    if check.baseline:
        said += [
            ("baseline", f"{check.baseline.target}, {check.baseline.finished}"),
            ("changes", check.change_rule or ""),
        ]
    return said


def conclusion(check: Check, gate: Gate) -> str:
    """Say in one line what became of the suite."""
    fates = ", ".join(f"{len(check.of(fate))} {_COUNTED[fate]}" for fate in Fate if check.of(fate))
    worse = sum(failure.regressed for failure in check.failures)
    lost_cases = f"; {plural(check.unscored, 'case')} could not be scored" if check.unscored else ""
    line = f"{check.target}: {plural(len(check.failures), 'failure')}, {fates}{lost_cases}"
    if check.baseline:
        line += f"; {worse or 'none'} worse than {check.baseline.target} of the baseline"
    return f"{line}. {'Passed' if check.exit_code(gate) == 0 else 'Not passed'} (--gate {gate.value})."


def warnings(check: Check) -> list[str]:
    """Say what a reader should know beside the verdicts."""
    said = [
        f"{failure.title}: {share(failure.control)} controls fail now, {share(failure.control_before)} did in the "
        "audit. They are as small changes of other kinds: the model may have become blind to those; audit it anew"
        for failure in check.failures
        if failure.fate is Fate.FIXED
        and failure.control.fail
        and failure.control.interval[0] > (failure.control_before.rate or 0)
    ]
    baseline = check.baseline
    if baseline and baseline.judge != check.judge:
        said.append(
            f"the baseline's pictures were judged by {baseline.judge}, these by {check.judge}: a change may be the "
            "judge's"
        )
    unpaired = sum(change.unpaired for failure in check.failures for change in failure.changes)
    if unpaired:
        said.append(f"{plural(unpaired, 'case')} could not be compared with the baseline: not in it, or not scored")
    return said
