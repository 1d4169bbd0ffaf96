"""A comparison as a page that stands on its own: the map, the numbers, the pairs behind them.

The page runs no script and loads nothing; every text in it is escaped by the template engine.
"""

from dataclasses import dataclass
from importlib.resources import files

from faultfinder.agent.report import words
from faultfinder.agent.report.outputs import page_style, page_template
from faultfinder.agent.report.suite import SuiteCase
from faultfinder.agent.report.words import Segment
from faultfinder.agent.suites import check_words, heatmap
from faultfinder.agent.suites.checking import CheckedCase, CheckedFailure
from faultfinder.agent.suites.comparing import WORDS, Column, Comparison
from faultfinder.agent.suites.fate import RULE, Fate
from faultfinder.memory.records import Outcome, Role

PAIRS_SHOWN = 6
"""Probes shown of a failure: the first ones written."""


@dataclass(frozen=True)
class Model:
    """A column of the map."""

    letter: str
    target: str
    sentence: str
    trouble: str


@dataclass(frozen=True)
class CellView:
    """One failure on one model, in words."""

    model: Model
    verdict: str
    fails: bool
    probes: str
    probes_of: str
    control: str


@dataclass(frozen=True)
class PairView:
    """One probe, and which models it fails on."""

    a: list[Segment]
    b: list[Segment]
    fails_in: str


@dataclass(frozen=True)
class FailureView:
    """A row of the map with what is behind it."""

    number: int
    title: str
    description: str
    found_in: str
    cells: list[CellView]
    pairs: list[PairView]
    probes: int


@dataclass(frozen=True)
class Page:
    """What the template sets."""

    headline: str
    lead: str
    facts: list[tuple[str, str]]
    models: list[Model]
    troubles: list[str]
    failures: list[FailureView]
    rule: str


def render_comparison(comparison: Comparison) -> str:
    """Return the comparison as one HTML document."""
    from markupsafe import Markup

    page = _page(comparison)
    rows = [_row(comparison, key, cases) for key, cases in comparison.suite.by_failure().items()]
    maps = [(shape.name, Markup(heatmap.heat_map(rows, shape))) for shape in (heatmap.WIDE, heatmap.NARROW)]
    own = Markup(files("faultfinder.agent.suites").joinpath("comparison.css").read_text(encoding="utf-8"))
    return page_template("comparison.html.j2", "faultfinder.agent.suites").render(
        page=page, maps=maps, style=page_style() + own
    )


def _row(comparison: Comparison, key: str, cases: list[SuiteCase]) -> heatmap.Row:
    return heatmap.Row(cases[0].title, tuple(_cell(column.failure(key)) for column in comparison.columns))


def _cell(failure: CheckedFailure | None) -> heatmap.Cell:
    if failure is None:
        return heatmap.Cell(None, fails=False)
    return heatmap.Cell(failure.probes.rate, failure.fate is Fate.FAILS)


def _page(comparison: Comparison) -> Page:
    models = [_model(place, column) for place, column in enumerate(comparison.columns)]
    grouped = enumerate(comparison.suite.by_failure().items(), 1)
    failures = [_failure(comparison, models, number, key, cases) for number, (key, cases) in grouped]
    return Page(
        headline=f"{words.plural(len(failures), 'failure')} on {words.plural(len(models), 'model')}",
        lead=_lead(comparison),
        facts=_facts(comparison),
        models=models,
        troubles=comparison.troubles,
        failures=failures,
        rule=RULE.replace("Fixed:", "Does not fail:").replace("Still fails:", "Fails:"),
    )


def _lead(comparison: Comparison) -> str:
    probes = sum(case.role is Role.PROBE for case in comparison.suite.cases)
    asked, models = len(comparison.asked), len(comparison.columns)
    missing = "" if asked == models else f" {asked} of {words.plural(models, 'model')} could be asked."
    return (
        f"Each failure was proven by an audit of one model. Here all models are asked the same "
        f"{words.plural(probes, 'probe')}, and {words.plural(len(comparison.suite.cases) - probes, 'control')}, as the "
        f"audit asked them.{missing}"
    )


def _facts(comparison: Comparison) -> list[tuple[str, str]]:
    judges = sorted({column.check.judge for column in comparison.asked if column.check and column.check.judge})
    facts = [
        ("Suites of the audits", ", ".join(comparison.suite.audits)),
        ("Their SHA-256 begins", comparison.suite.sha256[:12]),
        ("Cases", f"{len(comparison.suite.cases):,}"),
        ("Asked", words.moment(comparison.finished)),
    ]
    return facts + ([("Judge of pictures", ", ".join(judges))] if judges else [])


def _model(place: int, column: Column) -> Model:
    check = column.check
    if check is None:
        return Model(heatmap.letter(place), column.target, "not asked", column.trouble)
    unclear = f", {len(check.of(Fate.UNCLEAR))} unclear" if check.of(Fate.UNCLEAR) else ""
    said = f"fails {len(check.of(Fate.FAILS))} of {len(check.failures)}{unclear}"
    lost = f"; {words.plural(check.unscored, 'case')} could not be scored" if check.unscored else ""
    return Model(heatmap.letter(place), column.target, said + lost, check.alarm or "")


def _failure(comparison: Comparison, models: list[Model], number: int, key: str, cases: list[SuiteCase]) -> FailureView:
    first = cases[0]
    found = [column.failure(key) for column in comparison.columns]
    probes = [case for case in cases if case.role is Role.PROBE]
    return FailureView(
        number=number,
        title=first.title,
        description=first.description,
        found_in=first.settings.target,
        cells=[_cell_view(model, failure) for model, failure in zip(models, found, strict=True)],
        pairs=[_pair(case, models, found) for case in probes[:PAIRS_SHOWN]],
        probes=len(probes),
    )


def _cell_view(model: Model, failure: CheckedFailure | None) -> CellView:
    if failure is None:
        return CellView(model, "not asked", False, words.DASH, "", words.DASH)
    probes = failure.probes
    return CellView(
        model=model,
        verdict=WORDS[failure.fate],
        fails=failure.fate is Fate.FAILS,
        probes=words.percent(probes.rate),
        probes_of=f"{check_words.share(probes)}{check_words.lost(probes)} · {words.span(probes.interval)}",
        control=f"{check_words.share(failure.control)}{check_words.lost(failure.control)}",
    )


def _pair(case: SuiteCase, models: list[Model], found: list[CheckedFailure | None]) -> PairView:
    a, b = words.compare(case.a, case.b)
    asked = [(model.letter, _now(failure, case)) for model, failure in zip(models, found, strict=True)]
    fails = [name for name, now in asked if now is Outcome.FAIL]
    return PairView(a, b, f"fails in {', '.join(fails)}" if fails else "fails in none")


def _now(failure: CheckedFailure | None, case: SuiteCase) -> Outcome | None:
    cases: tuple[CheckedCase, ...] = failure.cases if failure else ()
    return next((each.now for each in cases if each.case == case.key), None)
