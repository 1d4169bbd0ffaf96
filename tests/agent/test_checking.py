"""Checks made of counts: verdicts, changes against a baseline, exit codes, JUnit XML and words."""

import io
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from faultfinder.agent.suites import check_words as words
from faultfinder.agent.suites.check_table import check_table
from faultfinder.agent.suites.checking import ALL_FIXED, NOT_ALL_FIXED, NOT_RUN, Check, Direction, Gate, against
from faultfinder.agent.suites.fate import Fate
from faultfinder.agent.suites.files import Suite
from faultfinder.agent.suites.junit import to_junit
from faultfinder.memory.records import Role
from tests.support.suites import check_of, suite_of

F, P = "f" * 20, "p" * 20
SUITE = suite_of({"night/h1": (F, P), "night/h2": (F, P)})


def checked(one: tuple[str, str], other: tuple[str, str] = (P, P)) -> Check:
    return check_of(SUITE, {"night/h1": one, "night/h2": other})


@pytest.mark.parametrize(
    ("one", "code"),
    [((P, P), ALL_FIXED), ((F, P), NOT_ALL_FIXED), (("f" * 10 + "p" * 10, P), NOT_ALL_FIXED), (("e" * 20, P), 1)],
)
def test_the_exit_code_is_green_only_if_every_failure_is_fixed(one: tuple[str, str], code: int) -> None:
    assert checked(one).exit_code() == code


def test_too_little_scored_is_no_result() -> None:
    lost = checked(("u" * 11 + "p" * 9, P), ("e" * 10 + "p" * 10, P))
    assert lost.exit_code() == lost.exit_code(Gate.BASELINE) == NOT_RUN
    assert lost.alarm is not None
    assert lost.alarm.startswith("only 19 of 40 probes could be scored (10 ended in an error, 11 were unscorable)")
    assert "The first reason: as it was written" in lost.alarm
    assert checked(("u" * 10 + "p" * 10, P), ("e" * 10 + "p" * 10, P)).alarm is None, "half is enough to go on"


def test_counts_and_both_times_are_kept() -> None:
    failure = checked(("f" * 3 + "p" * 16 + "e", "f" + "p" * 18 + "u")).failures[0]
    assert (failure.before.fail, failure.before.passed) == (20, 0)
    assert (failure.probes.fail, failure.probes.passed, failure.probes.error) == (3, 16, 1)
    assert (failure.control_before.fail, failure.control.fail, failure.control.unscorable) == (0, 1, 1)
    assert failure.fate is Fate.FIXED


def test_a_check_is_read_back_as_it_was_written() -> None:
    done = against(checked((F, P)), checked((P, P)), "then.json")
    assert Check.model_validate_json(done.model_dump_json(by_alias=True)) == done


def changes(now: Check, then: Check) -> dict[tuple[str, Role], Direction]:
    compared = against(now, then, "then.json")
    return {(each.failure, change.role): change.direction for each in compared.failures for change in each.changes}


def test_changes_are_tested_on_the_same_cases_and_corrected_for_their_number() -> None:
    then = checked((P, P))
    five, eight = ("f" * 5 + "p" * 15, P), ("f" * 9 + "p" * 11, P)
    assert changes(checked(five), then)["night/h1", Role.PROBE] is Direction.SAME  # p = 1/16 before Holm
    assert changes(checked(eight), then)["night/h1", Role.PROBE] is Direction.WORSE
    assert changes(then, checked(eight))["night/h1", Role.PROBE] is Direction.BETTER
    seven = ("f" * 7 + "p" * 13, P)  # p = 2/128: below 0.05 alone, not among four tests
    (probes, *_) = against(checked(seven), then, "then.json").failures[0].changes
    assert probes.p_value == pytest.approx(2 / 128)
    assert probes.p_holm == pytest.approx(4 * 2 / 128)
    assert probes.direction is Direction.SAME


def test_the_same_rate_on_other_cases_is_no_change_and_unscored_cases_are_left_out() -> None:
    then, now = checked(("f" * 10 + "p" * 10, P)), checked(("p" * 10 + "f" * 10, P))
    assert set(changes(now, then).values()) == {Direction.SAME}
    compared = against(checked(("e" * 15 + "f" * 5, P)), checked((P, P)), "then.json")
    (probes, control) = compared.failures[0].changes
    assert (probes.paired, probes.unpaired, probes.newly_failing) == (5, 15, 5)
    assert (control.paired, control.newly_failing) == (20, 0)
    assert any("15 cases could not be compared" in said for said in words.warnings(compared))


def test_worse_than_the_baseline_is_red_even_where_the_failure_counts_as_fixed() -> None:
    fewer = ("f" * 5 + "p" * 15, "f" * 16 + "p" * 4)
    now = against(checked(fewer), checked((P, P)), "then.json")
    assert [each.fate for each in now.failures] == [Fate.FIXED, Fate.FIXED]
    assert now.failures[0].regressed, "its controls fail now"
    assert now.exit_code() == now.exit_code(Gate.BASELINE) == NOT_ALL_FIXED
    assert checked(fewer).exit_code() == ALL_FIXED


def test_the_baseline_gate_lets_known_failures_through() -> None:
    known = against(checked((F, P)), checked((F, P)), "then.json")
    assert known.exit_code() == NOT_ALL_FIXED
    assert known.exit_code(Gate.BASELINE) == ALL_FIXED


def test_what_may_have_got_worse_unseen_does_not_pass_for_not_worse() -> None:
    then = checked((F, P))
    lost = against(checked((F, "e" * 6 + "p" * 14)), then, "then.json")
    assert lost.failures[0].changes[1].direction is Direction.UNKNOWN
    assert lost.exit_code(Gate.BASELINE) == NOT_ALL_FIXED
    assert "controls: cannot be told, 6 that passed could not be scored" in words.changed(lost.failures[0])
    assert results(lost, Gate.BASELINE)[0] == ["error"]
    silent = against(checked((F, "e" * 20)), then, "then.json")
    assert silent.failures[0].changes[1].direction is Direction.UNKNOWN
    assert against(checked((F, "e" * 5 + "p" * 15)), then, "then.json").exit_code(Gate.BASELINE) == ALL_FIXED


def test_a_failure_that_the_baseline_did_not_have_is_told_and_not_held_against_it() -> None:
    then = check_of(suite_of({"night/h1": (F, P)}), {"night/h1": (F, P)})
    new = against(checked((F, P), (F, P)), then, "then.json")
    assert new.exit_code(Gate.BASELINE) == ALL_FIXED
    assert words.changed(new.failures[1]).startswith("probes: cannot be told, none scored both times")
    assert any("40 cases could not be compared" in said for said in words.warnings(new))


def cases_of(check: Check, gate: Gate = Gate.FIXED) -> list[ET.Element]:
    root = ET.fromstring(to_junit(check, gate))
    assert root.tag == "testsuites"
    (suite,) = root
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    return suite.findall("testcase")


def results(check: Check, gate: Gate = Gate.FIXED) -> list[list[str]]:
    return [[child.tag for child in case if child.tag != "system-out"] for case in cases_of(check, gate)]


def test_junit_has_a_case_a_failure_red_until_it_is_fixed() -> None:
    assert results(checked((F, P))) == [["failure"], []]
    assert results(checked(("e" * 20, P))) == [["error"], []]
    assert results(checked(("e" * 20, P), ("e" * 20, P))) == [["error"], ["error"]]
    known = against(checked((F, P)), checked((F, P)), "then.json")
    assert results(known, Gate.BASELINE) == [["skipped"], []]
    worse = against(checked((F, P)), checked((P, P)), "then.json")
    assert results(worse, Gate.BASELINE) == [["failure"], []]
    said = cases_of(checked((F, P)))[0].findtext("system-out") or ""
    assert "fails: a night/h1 probe 0 / b night/h1 probe 0" in said
    assert "... and 10 more" in said


@given(st.text(max_size=40))
def test_no_text_breaks_junit(text: str) -> None:
    cases = tuple(case.model_copy(update={"title": text, "a": text, "description": text}) for case in SUITE.cases)
    suite = SUITE.__class__(text, SUITE.sha256, cases)
    (case, _) = cases_of(check_of(suite, {"night/h1": (F, P), "night/h2": (P, P)}, target=text))
    assert case.attrib["name"].endswith("(night/h1)")


def test_the_last_line_has_the_counts_and_what_could_not_be_scored() -> None:
    done = checked((F, P), ("p" * 19 + "e", P))
    assert words.conclusion(done, Gate.FIXED) == (
        "lab:new: 2 failures, 1 fixed, 1 still failing; 1 case could not be scored. Not passed (--gate fixed)."
    )
    assert words.row(done.failures[1])[3].endswith("[1 not scored]")


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("baseline", [False, True])
def test_nothing_of_the_table_is_cut_off_on_a_terminal(width: int, baseline: bool) -> None:
    title = "numbers and quantifiers are confused (few, four, many)"
    cases = tuple(case.model_copy(update={"title": title}) for case in SUITE.cases)
    done = check_of(Suite(SUITE.name, SUITE.sha256, cases), {"night/h1": (F, P), "night/h2": ("p" * 19 + "e", P)})
    said = io.StringIO()
    Console(file=said, width=width).print(check_table(against(done, done, "then.json") if baseline else done))
    shown = " ".join(said.getvalue().split())
    for whole in ("still", "fixed", "night/h1", "100 %", "quantifiers") if width > 60 else ("still", "100 %"):
        assert whole in shown
    assert "…" not in shown
    assert ("baseline" in shown) == baseline
    assert max(map(len, said.getvalue().splitlines())) <= width


def test_controls_that_begin_to_fail_are_pointed_out() -> None:
    (said,) = words.warnings(checked((P, "f" * 15 + "p" * 5)))
    assert "15 of 20 controls fail now, 0 of 20 did in the audit" in said
