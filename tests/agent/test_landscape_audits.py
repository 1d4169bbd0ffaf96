"""Whole audits of changed inputs: explored, put into words, proven on inputs that the explorer never saw."""

import json
import shutil
from pathlib import Path

import pytest

from faultfinder.agent.chat.chatting import open_chat
from faultfinder.agent.report.conclusion import conclusion
from faultfinder.agent.report.findings import FindingsFile, Status
from faultfinder.agent.running.audits import Audit
from faultfinder.agent.suites.checking import Gate
from faultfinder.agent.suites.files import read_suites
from faultfinder.agent.suites.replaying import Conditions
from faultfinder.agent.suites.runs import checked
from faultfinder.memory.errors import CorpusError, ExplorerError, OptionError, SpecError
from faultfinder.memory.landscape_records import Exploration, Visit
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Case, Hypothesis, Limits, Outcome
from tests.support.audits import audit, timeless
from tests.support.classifiers import discs
from tests.support.server import ChatServer

FACTORIES = "python:tests.support.classifiers:"


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return discs(tmp_path_factory.mktemp("discs"))


def plan(
    place: Path, pictures: Path | str, target: str = f"{FACTORIES}blind_in_the_dark", **changes: object
) -> AuditSettings:
    chosen = {
        "name": "changed",
        "goal": "does it fail in the dark?",
        "target": target,
        "corpus": "lab",
        "inputs": str(pictures),
        "actions": "rotation,darkness=0.3:0.6:1:1.1",
        "queries": 160,
        "probes": 20,
        "controls": 20,
        "memory": str(place / "memory"),
        **changes,
    }
    return AuditSettings.model_validate(chosen)


def confirmed(found: FindingsFile) -> list[str]:
    return [finding.title for finding in found.with_status(Status.CONFIRMED)]


@pytest.fixture(scope="session")
def dark(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> tuple[Path, FindingsFile]:
    """The audit of a classifier that fails in the dark."""
    place = tmp_path_factory.mktemp("dark")
    return place / "changed", audit(place, plan(place, pictures))


def test_what_fails_in_the_dark_is_found_and_proven_and_nothing_else(dark):
    _, found = dark
    (proven,) = found.with_status(Status.CONFIRMED)
    assert proven.title == "pictures at 0.3 to 0.6 times the brightness are answered wrongly"
    assert [(bound.factor, bound.levels) for bound in proven.region.bounds] == [("darkness", (0.3, 0.6))]
    assert proven.probes.rate == 1.0
    assert proven.control.rate == 0.0


def test_no_input_of_an_experiment_was_seen_by_the_explorer(dark):
    folder, _ = dark
    with Ledger.open(folder / "audit.db") as ledger:
        explored = {visit.input for visit in ledger.all(Visit)}
        tested = [case.change.input for case in ledger.all(Case)]
    assert explored
    assert tested
    assert not explored & set(tested)
    assert len(tested) == len(set(tested))


def test_probes_lie_in_the_region_and_each_control_breaks_one_bound(dark):
    _, found = dark
    (proven,) = found.with_status(Status.CONFIRMED)
    for case in proven.cases:
        level = next(s.level for s in case.change.settings if s.factor == "darkness")
        assert (level in (0.3, 0.6)) == (case.role == "probe")


def test_the_landscape_is_told_with_every_denominator(dark):
    _, found = dark
    (landscape,) = found.landscapes
    rates = landscape.landscape.rates
    assert len(rates) == 5 * 4
    assert sum(each.n + each.invalid + each.other for each in rates) == landscape.queries + landscape.unchanged
    assert landscape.queries == 160
    dark_ones, others = ([r.rate for i, r in enumerate(rates) if (i % 4 < 2) is is_dark] for is_dark in (True, False))
    assert min(dark_ones) > 0.7
    assert sum(others) / len(others) < 0.3
    assert landscape.greedy.fail > landscape.greedy.by_chance * landscape.greedy.inputs


def test_the_report_shows_pictures_charts_and_the_region(dark):
    folder, _ = dark
    html = (folder / "report.html").read_text()
    assert "at 0.3 to 0.6 times the brightness" in html
    assert "The landscape" in html
    assert html.count("<svg") >= 4
    assert html.count("data:image/png") >= 12
    assert "one of the hypothesis' conditions does not hold" in html.replace("&#39;", "'")


def test_a_sound_classifier_is_let_go(tmp_path, pictures):
    found = audit(tmp_path, plan(tmp_path, pictures, f"{FACTORIES}sound"))
    assert confirmed(found) == []
    assert not found.alarms
    assert found.landscapes[0].landscape.mean < 0.1


def test_the_suite_is_red_on_the_model_and_green_on_a_sound_one(dark):
    folder, _ = dark
    suite = read_suites([folder / "suite.jsonl"])
    assert suite.kind == "changes"
    how = Conditions()
    again = checked(suite, f"{FACTORIES}blind_in_the_dark", how, lambda event: None)
    assert again.exit_code(Gate.FIXED) == 1
    assert [case.now for case in again.failures[0].cases] == [case.before for case in again.failures[0].cases]
    assert checked(suite, f"{FACTORIES}sound", how, lambda event: None).exit_code(Gate.FIXED) == 0


def test_an_audit_stopped_while_exploring_asks_nothing_twice_and_finds_the_same(dark, tmp_path, pictures):
    chosen = plan(tmp_path, pictures)
    with Audit.create(chosen, tmp_path / "changed") as begun:
        begun.ledger.save([])
        stopping = _StopAfter(begun, 100)
        begun._listen = begun._heard_by = stopping
        begun.run()
    with Ledger.open(tmp_path / "changed" / "audit.db") as ledger:
        first = ledger.all(Visit)
        assert not ledger.all(Exploration)
    assert 0 < len(first) < 160
    with Audit.open(tmp_path / "changed") as resumed:
        resumed.run()
    with Ledger.open(tmp_path / "changed" / "audit.db") as ledger:
        visits = [visit for visit in ledger.all(Visit) if visit.exploration == "explore-1"]
    assert visits[: len(first)] == first
    assert len(visits) == 160
    assert timeless(tmp_path / "changed") == timeless(dark[0])


class _StopAfter:
    """Asks an audit to stop once so many inputs were tried."""

    def __init__(self, audit: Audit, tried: int) -> None:
        self._audit, self._tried = audit, tried

    def __call__(self, event: object) -> None:
        if getattr(event, "text", "") == "changed inputs tried" and (event.done or 0) >= self._tried:
            self._audit.interrupt()


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        ({"actions": "fogginess"}, OptionError, "nothing called 'fogginess'"),
        ({"explorer": "thomson"}, ExplorerError, "did you mean thompson"),
        ({"small_steps": True, "explorer": "ucb"}, OptionError, "small steps are for dqn, ppo, random"),
        ({"inputs": "no/such/folder"}, CorpusError, "no such file or folder"),
        ({"target": "lab:oracle"}, SpecError, "does not classify pictures"),
        ({"target": "timm:resnet18", "inputs": None}, SpecError, "--inputs"),
    ],
)
def test_what_cannot_be_is_said_with_what_to_do(tmp_path, pictures, changes, error, told):
    with pytest.raises(error, match=told):
        audit(tmp_path, plan(tmp_path, pictures).model_copy(update=changes))


def test_small_steps_find_the_dark_as_well(tmp_path, pictures):
    found = audit(tmp_path, plan(tmp_path, pictures, small_steps=True, explorer="random", queries=400))
    assert any("brightness" in title for title in confirmed(found))
    assert found.landscapes[0].queries == 400


def test_findings_are_a_function_of_seed_and_inputs(dark, tmp_path, pictures):
    audit(tmp_path, plan(tmp_path, pictures))
    assert timeless(tmp_path / "changed") == timeless(dark[0])


def test_the_goal_alone_makes_the_lab_change_its_own_pictures(tmp_path):
    chosen = plan(
        tmp_path, "lab", "lab:clip", inputs=None, actions=None, goal="does it fail on dark or rotated pictures?"
    )
    found = audit(tmp_path, chosen.model_copy(update={"queries": 300}))
    (landscape,) = found.landscapes
    assert [axis.factor for axis in landscape.axes] == ["rotation", "darkness"]
    assert any("brightness" in title for title in confirmed(found))
    assert all(case.outcome is not Outcome.ERROR for finding in found.findings for case in finding.cases)
    assert json.loads((tmp_path / "changed" / "findings.json").read_text())["landscapes"]


def test_failures_of_words_that_the_memory_knows_are_no_matter_of_changed_inputs(tmp_path):
    words = plan(tmp_path, "lab", "lab:clip", name="words", inputs=None, actions=None, goal="left or right?")
    known = audit(tmp_path, words.model_copy(update={"limits": Limits(hypotheses=1)}))
    assert confirmed(known)
    found = audit(tmp_path, plan(tmp_path, "lab", "lab:clip", actions="darkness", queries=300))
    assert confirmed(found)
    assert all(each.region is not None for each in found.findings)
    with open_chat(tmp_path / "changed", lambda event: None, Limits(), None, None) as chat:
        answer = chat.ask("does it confuse big and small?").answer
    assert "asks its target about changed inputs" in answer


def test_a_chat_model_explores_and_puts_regions_into_words_but_counts_decide(tmp_path, pictures):
    with ChatServer() as server:
        found = audit(tmp_path, plan(tmp_path, pictures, llm="openai:scripted", llm_url=server.url))
    (proven,) = found.with_status(Status.CONFIRMED)
    assert "0.3 to 0.6 times the brightness" in proven.title
    assert [(bound.factor, bound.levels) for bound in proven.region.bounds] == [("darkness", (0.3, 0.6))]
    assert found.budget.spent.llm_calls > 0


def test_a_chat_restricts_a_region_to_classes_of_its_inputs(dark, tmp_path):
    folder = shutil.copytree(dark[0], tmp_path / "changed")
    with open_chat(folder, lambda event: None, Limits(), None, None) as chat:
        answer = chat.ask("does h1 hold for red?")
    assert "q1" in answer.answer
    with Ledger.open(folder / "audit.db") as ledger:
        (asked,) = [each for each in ledger.all(Hypothesis) if each.asked]
        assert asked.region.topics == ("red",)
        assert asked.parent == "h1"
        cases = [case for case in ledger.all(Case) if case.hypothesis == asked.id and case.role == "probe"]
    assert cases
    assert all("red" in case.a for case in cases)


def test_a_chat_says_how_often_it_fails_by_level_and_class_without_a_model(dark, tmp_path):
    folder = shutil.copytree(dark[0], tmp_path / "looked")
    with open_chat(folder, lambda event: None, Limits(), None, None) as chat:
        dim, worst, classes, judged, odd = (
            chat.ask(question)
            for question in (
                "how often is it wrong in the dark?",
                "where is it worst?",
                "which classes are the worst?",
                "how was it judged?",
                "what should I eat tonight?",
            )
        )
    (found,) = dark[1].landscapes
    levels = next(axis for axis in found.axes if axis.factor == "darkness").told
    assert all(f"“{told}”" in dim.answer for told in levels)
    assert "The worst:" in worst.answer
    assert "“red" in classes.answer
    assert "The worst:" not in classes.answer
    assert "most probable label" in judged.answer
    assert "needs a model" in odd.answer
    assert not any(each.removed for each in (dim, worst, classes, judged))


def test_what_fails_everywhere_alike_is_said_to_and_no_part_is_blamed_for_it(tmp_path, pictures):
    found = audit(tmp_path, plan(tmp_path, pictures, target=f"{FACTORIES}always_wrong"))
    assert confirmed(found) == []
    assert [each.regions for each in found.landscapes] == [()]
    report = (tmp_path / "changed" / "report.html").read_text(encoding="utf-8")
    assert "no part stands out from the rest" in report
    assert any("no part stands out" in line for line in conclusion(found))


def test_a_generator_that_has_no_blue_is_found_by_filling_the_slots_of_prompts(tmp_path):
    chosen = plan(
        tmp_path,
        "lab",
        "python:tests.support.painters:blue_as_green",
        goal="does it paint what I ask for?",
        actions=None,
        queries=120,
    )
    found = audit(tmp_path, chosen)
    (proven,) = found.with_status(Status.CONFIRMED)
    assert proven.title == "prompts with the colour 'blue' are painted wrongly"
    assert (proven.probes.rate, proven.control.rate) == (1.0, 0.0)
    assert found.budget.spent.images > 120
    assert "with the colour &#39;blue&#39;" in (tmp_path / "changed" / "report.html").read_text()
    suite = read_suites([tmp_path / "changed" / "suite.jsonl"])
    again = checked(suite, chosen.target, Conditions(), lambda event: None)
    assert [case.now for case in again.failures[0].cases] == [case.before for case in again.failures[0].cases]
    truthful = checked(suite, "python:tests.support.painters:truthful", Conditions(), lambda event: None)
    assert (again.exit_code(Gate.FIXED), truthful.exit_code(Gate.FIXED)) == (1, 0)
