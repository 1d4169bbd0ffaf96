"""A fade as a page that stands on its own: the verdict, before and after, what it cost, the line it was chosen from.

The page runs no script and loads nothing; every text in it is escaped by the template engine.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, TypedDict

from faultfinder.agent.fading import words
from faultfinder.agent.fading.records import Candidate, FadeFile, Keeping, Score, Shift, Verdict
from faultfinder.agent.fading.text_records import Exported
from faultfinder.agent.report.landscape_charts import NARROW, WIDE, shift_charts
from faultfinder.agent.report.outputs import page_style, page_template
from faultfinder.agent.report.words import moment, percent

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True)
class Bar:
    """One score before and after, in per cent of the width."""

    name: str
    cases: str
    before: str
    after: str
    change: str
    outcome: str
    fell: bool
    from_left: float
    to_left: float


@dataclass(frozen=True)
class Page:
    """What the template sets."""

    verdict: str
    kind: str
    title: str
    reason: str
    description: str
    facts: list[tuple[str, str]]
    bars: list[Bar]
    charts: "list[tuple[str, Markup]]"
    moved: str
    proof: list[words.Row]
    new: list[str]
    notes: list[str]
    counted: tuple[str, ...]
    amounts: list[tuple[str, str, str, str]]
    line: list[tuple[str, str, str, str]]
    rules: list[str]
    data_heading: str
    audited: bool
    files: list[tuple[str, str]]
    by_edit: list[tuple[str, str]]
    scoring: str


class _Written(TypedDict):
    """What was written for training elsewhere."""

    files: list[tuple[str, str]]
    by_edit: list[tuple[str, str]]
    scoring: str


_KINDS = {Verdict.FADED: "good", Verdict.EXPORTED: "open"}
"""How a verdict is shown; in the colour of alarm where it is not among them."""


def render_fade(fade: FadeFile) -> str:
    """Return a fade as one HTML document."""
    from markupsafe import Markup

    own = Markup(files("faultfinder.agent.fading").joinpath("fade.css").read_text(encoding="utf-8"))
    return page_template("fade.html.j2", "faultfinder.agent.fading").render(page=_page(fade), style=page_style() + own)


def _page(fade: FadeFile) -> Page:
    return Page(
        verdict=fade.verdict.value,
        kind=_KINDS.get(fade.verdict, "bad"),
        title=fade.title,
        reason=f"{fade.reason[:1].upper()}{fade.reason[1:]}.",
        description=fade.description,
        facts=_facts(fade),
        bars=[_bar(score) for score in fade.scores if score.about != "label" or words.is_worse(score)],
        charts=_charts(fade.shift) if fade.shift else [],
        moved=_moved(fade.shift) if fade.shift else "",
        proof=words.proof_rows(fade),
        new=[f"{each.title} ({each.failure})" for each in fade.reaudit.new] if fade.reaudit else [],
        notes=[*words.notes(fade), *words.label_notes(fade)],
        counted=("Part", *(each[:1].upper() + each[1:] for each in fade.data.counted)),
        amounts=[(a.part, f"{a.lessons:,}", f"{a.contrasts:,}", f"{a.guarded:,}") for a in fade.data.amounts],
        line=[_place(candidate) for candidate in fade.candidates],
        rules=[] if fade.exported else [fade.guard_rule, fade.fate_rule],
        data_heading="How it was trained and chosen" if fade.training else "What it was made of, and measured on",
        audited=fade.reaudit is not None,
        **_written(fade.exported),
    )


def _written(exported: Exported | None) -> _Written:
    if exported is None:
        return _Written(files=[], by_edit=[], scoring="")
    return _Written(
        files=[(file.name, f"{file.examples:,}") for file in exported.files],
        by_edit=[(each.what, f"{each.count:,}") for each in exported.by_edit],
        scoring=exported.scoring,
    )


def _facts(fade: FadeFile) -> list[tuple[str, str]]:
    settings = fade.settings
    return [
        ("Model", settings.target),
        ("Failure", f"{settings.audit}/{settings.failure}"),
        ("Changed model", fade.model or ("none, but files to tune one with" if fade.exported else "none was kept")),
        ("Method", fade.method),
        ("Inputs" if fade.settings.tuned else "Learned from", fade.data.source),
        ("Training", _training(fade)),
        ("Guard", f"{settings.guard:g}"),
        ("Finished", moment(fade.finished)),
    ]


def _training(fade: FadeFile) -> str:
    if fade.training is None:
        return "none, here"
    return f"{fade.training.steps:,} steps, {fade.training.seconds / 60:.1f} min"


def _charts(shift: Shift) -> "list[tuple[str, Markup]]":
    """Draw the landscape before and after, for wide and narrow pages."""
    from markupsafe import Markup

    drawn = {"original": shift.before, "changed model": shift.after}
    return [(shape.name, Markup(chart)) for shape in (WIDE, NARROW) for chart in shift_charts(shift.axes, drawn, shape)]


def _moved(shift: Shift) -> str:
    which = "all of them under every action" if shift.exhaustive else "the same ones of both"
    worst = shift.worsened
    told = (
        f" What got worst: {worst.said}, failing in {percent(worst.before)} before and {percent(worst.after)} after "
        f"(the rise is {worst.low:+.3f} to {worst.high:+.3f}, over all levels together)."
        if worst
        else " At no level of any factor do more inputs fail than before."
    )
    return (
        f"{shift.queries:,} changed inputs out of {shift.inputs:,} held out, {which}. Averaged over all actions alike "
        f"{percent(shift.before.mean)} failed before and {percent(shift.after.mean)} after; the entropy of failures "
        f"went from {shift.shape_before.entropy:.2f} to {shift.shape_after.entropy:.2f} bits, of "
        f"{shift.shape_before.flat:.2f} at most; peaks that stand out: {words.peaks(shift, shift.shape_before)} "
        f"before, {words.peaks(shift, shift.shape_after)} after. Failures moved by {shift.distance:.3f} (first "
        f"Wasserstein distance; 1 is the extent of one factor).{told}"
    )


def _bar(score: Score) -> Bar:
    row = words.score_row(score)
    return Bar(
        name=row.what,
        cases=row.cases,
        before=row.before,
        after=row.after,
        change=row.change,
        outcome=row.outcome,
        fell=score.about != "failure" and score.keeping is Keeping.FELL,
        from_left=round(100 * score.before.value, 1),
        to_left=round(100 * score.after.value, 1),
    )


def _place(candidate: Candidate) -> tuple[str, str, str, str]:
    fell = ", ".join(candidate.fell) or "none"
    return (f"{candidate.step:,}", f"{candidate.alpha:g}", f"{candidate.failure:.3f}", fell)
