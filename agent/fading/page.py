"""A fade as a page that stands on its own: the verdict, before and after, what it cost, the line it was chosen from.

The page runs no script and loads nothing; every text in it is escaped by the template engine.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import TypedDict

from faultfinder.agent.fading import words
from faultfinder.agent.fading.records import Candidate, FadeFile, Keeping, Score, Verdict
from faultfinder.agent.fading.text_records import Exported
from faultfinder.agent.report.outputs import page_style, page_template
from faultfinder.agent.report.words import moment


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
        bars=[_bar(score) for score in fade.scores],
        proof=words.proof_rows(fade),
        new=[f"{each.title} ({each.failure})" for each in fade.reaudit.new] if fade.reaudit else [],
        notes=words.notes(fade),
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
        ("Changed model", fade.model or "none was kept"),
        ("Method", fade.method),
        ("Learned from", fade.data.source),
        ("Training", _training(fade)),
        ("Guard", f"{settings.guard:g}"),
        ("Finished", moment(fade.finished)),
    ]


def _training(fade: FadeFile) -> str:
    if fade.training is None:
        return "none, here"
    return f"{fade.training.steps:,} steps, {fade.training.seconds / 60:.1f} min"


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
