"""The whole way: an audit waits, two raters label its pictures in a browser, close it, come back; the audit goes on.

What alpha and the verdict must be is worked out here from the labels alone, by other means than Faultfinder's.
"""

import json
from collections.abc import Iterator
from math import comb, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from faultfinder.agent.endings import FOR_PEOPLE
from faultfinder.agent.people.review_desk import LedgerDesk
from faultfinder.agent.pictures.files import open_picture
from faultfinder.agent.report.findings import FindingsFile, Status
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Answer, Question
from faultfinder.memory.picture_records import Side
from faultfinder.memory.records import Case
from faultfinder.tools.corpora import open_corpus
from faultfinder.tools.ports import Look
from tests.support.alpha import most, nominal_alpha
from tests.support.audits import findings_of
from tests.support.reviewing import PAIRS, served, strategist, waiting_audit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]

QUESTIONS = 4 * PAIRS
BREAK = 17
"""Answers after which a rater closes the page."""

Answers = dict[str, Answer]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return waiting_audit(tmp_path)


@pytest.fixture
def raters(browser: "Browser") -> Iterator[dict[str, "BrowserContext"]]:
    opened = {name: browser.new_context(viewport={"width": 1280, "height": 860}) for name in ("Ann", "Bob")}
    yield opened
    for context in opened.values():
        context.close()


def seen(folder: Path, questions: list[Question]) -> Answers:
    """Return what each picture shows, as somebody with good eyes sees it."""
    world = open_corpus("lab", 0).world
    assert world is not None
    looks = [Look(open_picture(folder, each.image), each.a, each.b) for each in questions]  # type: ignore[arg-type]
    return {each.id: Answer(sight.seen.value) for each, sight in zip(questions, world.eyes.which(looks), strict=True)}


def answer(page: "Page", plan: Answers, questions: dict[str, Question], fewest: int, most: int) -> None:
    """Answer by keyboard, from `fewest` answers up to `most`, reading from the page which text is where."""
    for done in range(fewest, most):
        page.wait_for_selector(f'body[data-ready="{done}"]')
        asked = questions[page.get_attribute("body", "data-question") or ""]
        turned = page.inner_text("#first span") != asked.a
        assert {page.inner_text("#first span"), page.inner_text("#second span")} == {asked.a, asked.b}
        shown = {Answer.FIRST: "1", Answer.SECOND: "2"} if not turned else {Answer.FIRST: "2", Answer.SECOND: "1"}
        page.keyboard.press({**shown, Answer.NEITHER: "3", Answer.CANNOT_TELL: "4"}[plan[asked.id]])
    page.wait_for_selector(f'body[data-ready="{most}"]')


def begin(context: "BrowserContext", url: str, name: str) -> "Page":
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(url)
    page.fill("#name", name)
    page.keyboard.press("Enter")
    return page


def come_back(context: "BrowserContext", url: str) -> "Page":
    page = context.new_page()
    page.goto(url)
    return page


def label_by_keyboard(folder: Path, raters: dict[str, "BrowserContext"], plans: dict[str, Answers]) -> None:
    """Let both raters begin, close the page, and come back to another run of the server to finish."""
    with Ledger.open(folder / "audit.db") as ledger:
        desk = LedgerDesk(folder, ledger)
        questions = {each.id: each for each in desk.questions()}
        with served(desk) as place:
            for name, context in raters.items():
                page = begin(context, place.url, name)
                answer(page, plans[name], questions, 0, BREAK)
                page.close()
        with served(desk, port=place.port) as again:
            for name, context in raters.items():
                page = come_back(context, again.url)
                answer(page, plans[name], questions, BREAK, QUESTIONS)
                assert page.inner_text("#thanks") == f"Thank you, {name}"
                page.close()


def outcome_by_hand(plans: dict[str, Answers], pictures: dict[Side, str]) -> str:
    """Return how a case stands: failed if one picture is wrong, passed if both are right, else neither."""
    said = {side: most([plan[key] for plan in plans.values()]) for side, key in pictures.items()}
    meant = {Side.A: Answer.FIRST, Side.B: Answer.SECOND}
    if any(each is not None and each not in (meant[side], Answer.CANNOT_TELL) for side, each in said.items()):
        return "fail"
    return "pass" if said == meant else "unscorable"


def counts_by_hand(folder: Path, plans: dict[str, Answers]) -> dict[str, dict[str, int]]:
    with Ledger.open(folder / "audit.db") as ledger:
        asked, cases = ledger.all(Question), {case.id: case for case in ledger.all(Case)}
    arms: dict[str, dict[str, int]] = {arm: {"fail": 0, "pass": 0, "unscorable": 0} for arm in ("probe", "control")}
    for case in {each.case for each in asked}:
        pictures = {each.side: each.id for each in asked if each.case == case and each.side}
        arms[cases[case or ""].role][outcome_by_hand(plans, pictures)] += 1
    return arms


def wilson_by_hand(fail: int, n: int) -> tuple[float, float]:
    z, p = 1.959963984540054, fail / n
    centre, spread = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)


def fisher_by_hand(probes: dict[str, int], controls: dict[str, int]) -> float:
    n, m = (arm["fail"] + arm["pass"] for arm in (probes, controls))
    failed = probes["fail"] + controls["fail"]
    ways = sum(comb(n, k) * comb(m, failed - k) for k in range(probes["fail"], min(n, failed) + 1))
    return ways / comb(n + m, failed)


def resume(folder: Path) -> FindingsFile:
    with Audit.open(folder) as audit:
        assert audit.run(strategist()) != FOR_PEOPLE
    return findings_of(folder)


def test_two_raters_decide_what_the_audit_waits_for(folder: Path, raters: dict[str, "BrowserContext"]) -> None:
    with Ledger.open(folder / "audit.db") as ledger:
        questions = ledger.all(Question)
    assert len(questions) == QUESTIONS
    truth = seen(folder, questions)
    plans = {"Ann": dict(truth), "Bob": dict(truth)}
    for number, key in enumerate(sorted(truth)):
        if number % 7 == 0:
            plans["Bob"][key] = Answer.NEITHER
        if number % 13 == 0:
            plans["Ann"][key] = Answer.CANNOT_TELL
    label_by_keyboard(folder, raters, plans)

    found = resume(folder)

    alpha = nominal_alpha([[plan[key] for plan in plans.values()] for key in truth])
    assert alpha is not None
    assert 0 < alpha < 1
    assert found.people is not None
    assert found.people.agreement.alpha == pytest.approx(float(alpha), abs=1e-12)
    assert (found.people.agreement.raters, found.people.agreement.items) == (("Ann", "Bob"), QUESTIONS)
    assert (found.people.answered, found.people.labels) == (QUESTIONS, 2 * QUESTIONS)
    (finding,) = found.findings
    arms = counts_by_hand(folder, plans)
    for arm, counts in (("probe", finding.probes), ("control", finding.control)):
        assert {"fail": counts.fail, "pass": counts.passed, "unscorable": counts.unscorable} == arms[arm]
        assert counts.interval == pytest.approx(wilson_by_hand(counts.fail, counts.fail + counts.passed), abs=1e-12)
    p_value = fisher_by_hand(arms["probe"], arms["control"])
    assert finding.p_value == pytest.approx(p_value, rel=1e-9)
    supported = finding.probes.interval[0] >= 0.5 and p_value < 0.05 / 2
    assert (finding.status is Status.CONFIRMED) == supported
    assert finding.human is not None
    assert len(finding.human.overturned) == sum(arm["fail"] + arm["pass"] for arm in arms.values())
    assert f"{float(alpha):.2f}" in (folder / "report.html").read_text()


def test_agreeing_raters_confirm_what_the_generator_does_wrong(
    folder: Path, raters: dict[str, "BrowserContext"]
) -> None:
    with Ledger.open(folder / "audit.db") as ledger:
        truth = seen(folder, ledger.all(Question))
    label_by_keyboard(folder, raters, {"Ann": truth, "Bob": truth})
    found = resume(folder)
    (finding,) = found.findings
    assert finding.status is Status.CONFIRMED
    assert (finding.probes.fail, finding.probes.passed) == (PAIRS, 0)
    assert found.people is not None
    assert found.people.agreement.alpha == 1.0
    assert json.loads((folder / "findings.json").read_text())["audit"]["stopped_by"] != FOR_PEOPLE
