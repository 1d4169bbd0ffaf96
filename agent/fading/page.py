"""A fade as a page that stands on its own: the verdict, before and after, what it cost, the line it was chosen from.

The page runs no script and loads nothing; every text in it is escaped by the template engine.
"""

from dataclasses import dataclass
from importlib.resources import files

from faultfinder.agent.fading import words
from faultfinder.agent.fading.records import Candidate, FadeFile, Keeping, Score, Verdict
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
    good: bool
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


def render_fade(fade: FadeFile) -> str:
    """Return a fade as one HTML document."""
    from markupsafe import Markup

    own = Markup(files("faultfinder.agent.fading").joinpath("fade.css").read_text(encoding="utf-8"))
    return page_template("fade.html.j2", "faultfinder.agent.fading").render(page=_page(fade), style=page_style() + own)


def _page(fade: FadeFile) -> Page:
    return Page(
        verdict=fade.verdict.value,
        good=fade.verdict is Verdict.FADED,
        title=fade.title,
        reason=f"{fade.reason[:1].upper()}{fade.reason[1:]}.",
        description=fade.description,
        facts=_facts(fade),
        bars=[_bar(score) for score in fade.scores],
        proof=words.rows(fade)[len(fade.scores) :],
        new=[f"{each.title} ({each.failure})" for each in fade.reaudit.new] if fade.reaudit else [],
        notes=words.notes(fade),
        counted=("Part", *(each[:1].upper() + each[1:] for each in fade.data.counted)),
        amounts=[(a.part, f"{a.lessons:,}", f"{a.contrasts:,}", f"{a.guarded:,}") for a in fade.data.amounts],
        line=[_place(candidate) for candidate in fade.candidates],
        rules=[fade.guard_rule, fade.fate_rule],
    )


def _facts(fade: FadeFile) -> list[tuple[str, str]]:
    settings = fade.settings
    return [
        ("Model", settings.target),
        ("Failure", f"{settings.audit}/{settings.failure}"),
        ("Changed model", fade.model or "none was kept"),
        ("Method", fade.method),
        ("Learned from", fade.data.source),
        ("Training", f"{fade.training.steps:,} steps, {fade.training.seconds / 60:.1f} min"),
        ("Guard", f"{settings.guard:g}"),
        ("Finished", moment(fade.finished)),
    ]


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
