"""Answers are held to what they cite: nothing invented stays, nothing true is taken out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.chat.borne_out import Checked, check
from faultfinder.agent.chat.citing import resolve
from faultfinder.agent.chat.evidence import Evidence
from faultfinder.agent.chat.facts import summarize
from faultfinder.agent.chat.sentences import sentences_of
from faultfinder.agent.inquiries import Inquiry
from faultfinder.memory.records import Decision, Outcome, Role
from tests.support.sample_audit import SETTINGS, sample_ledger


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    with sample_ledger(Path(":memory:")) as ledger:
        yield Evidence(ledger, SETTINGS, tmp_path_factory.mktemp("nothing"))


@pytest.fixture(scope="module")
def checked(evidence: Evidence) -> Callable[[str], Checked]:
    summary = summarize(evidence, None)
    return lambda answer: check(answer, lambda key: resolve(key, evidence, [summary]), "what about vans?")


def with_decision(evidence: Evidence, decision: Decision) -> Inquiry:
    return next(each for each in evidence.own if each.decision is decision and each.verdict)


def said_of(evidence: Evidence) -> dict[str, str]:
    """Return what sentences may be made of."""
    proven, refuted = (with_decision(evidence, d) for d in (Decision.SUPPORTED, Decision.REFUTED))
    probes = proven.counts(Role.PROBE)
    failing, passing = proven.pick(Role.PROBE, Outcome.FAIL)[0], proven.pick(Role.CONTROL, Outcome.PASS)[0]
    return {
        "proven": proven.hypothesis.id,
        "refuted": refuted.hypothesis.id,
        "fail": str(probes.fail),
        "scored": str(probes.fail + probes.passed),
        "percent": f"{100 * (probes.rate or 0):.0f}",
        "failing": failing.case.id,
        "a": failing.case.a,
        "b": failing.case.b,
        "passing": passing.case.id,
        "similarity": f"{failing.seen.target_similarity:.3f}",
        "tested": str(len(evidence.own)),
    }


TRUE = (
    "[{proven}] is proven.",
    "{fail} of {scored} probes fail [{proven}].",
    "{fail} out of the {scored} probes failed [{proven}].",
    "That is {percent} % of its probes [{proven}].",
    "[{refuted}] is refuted, and [{proven}] is not.",
    "[{refuted}] was not proven.",
    'In [{failing}] the model takes "{a}" for "{b}".',
    "[{failing}] fails, but [{passing}] passes.",
    "The control [{passing}] does not fail.",
    "Its similarity is {similarity} [{failing}].",
    "The audit tested {tested} hypotheses [audit].",
    "The model fails to see this. [{failing}]",
    "Both [{failing}, {proven}] show failures.",
    "What would you like to see?",
    "Let me know whether to look further.",
    "You asked about “vans”.",
    "Nothing in [{proven}] says whether it fails on vans.",
    "No probe of [{proven}] that fails speaks of dogs.",
    "The table below shows how often it fails [{proven}].",
)

FALSE = (
    "[h99] is proven.",
    "[h1-p999] fails.",
    "[x9] says so.",
    "[{refuted}] is proven.",
    "[{proven}] is refuted.",
    "[{proven}] was not confirmed.",
    "1 of {scored} probes fail [{proven}].",
    "{fail} of {scored} controls fail [{proven}].",
    "That is 13 % of its probes [{proven}].",
    "[{failing}] passes.",
    "[{failing}] does not fail.",
    "[{passing}] fails, but [{failing}] passes.",
    "The control [{failing}] fails.",
    'In [{failing}] the model takes "a zebra" for "a horse".',
    "Its similarity is 0.123 [{failing}].",
    "The audit tested 999 hypotheses [audit].",
    "It cost seven hundred tests and 4321 dollars [audit].",
    "The model fails on vans.",
    "9 of 10 vans are confused.",
    "No probe fails [{proven}].",
    "All controls fail [{proven}].",
    "{fail} of {scored} probes fail [{proven}, h99].",
    "It fails on vans too [{failing}].",
    "Cats and dogs are confused [{proven}].",
    "It does not keep trucks and vans apart [{proven}].",
)


@pytest.mark.parametrize("sentence", TRUE)
def test_what_is_borne_out_stays(sentence: str, evidence: Evidence, checked: Callable[[str], Checked]) -> None:
    said = sentence.format(**said_of(evidence))
    assert checked(said) == Checked(text=said, cites=checked(said).cites, removed=())


@pytest.mark.parametrize("sentence", FALSE)
def test_what_is_not_borne_out_is_taken_out_and_noted(
    sentence: str, evidence: Evidence, checked: Callable[[str], Checked]
) -> None:
    said = sentence.format(**said_of(evidence))
    found = checked(f"[{said_of(evidence)['proven']}] is proven. {said} Is that all?")
    (removed,) = found.removed
    assert removed.sentence == said
    assert said not in found.text
    assert f"(A sentence was removed: {removed.why}.)" in found.text
    assert found.text.endswith("Is that all?")
    assert found.cites == (said_of(evidence)["proven"],)


def test_a_list_keeps_its_shape(evidence: Evidence, checked: Callable[[str], Checked]) -> None:
    key = said_of(evidence)["proven"]
    found = checked(f"What was found:\n- [{key}] is proven.\n- [h99] is proven.\n1. [{key}] is refuted.")
    lines = found.text.splitlines()
    assert lines[:2] == ["What was found:", f"- [{key}] is proven."]
    assert lines[2].startswith("- (A sentence was removed: it cites h99")
    assert lines[3].startswith("1. (A sentence was removed:")


def test_commands_and_files_are_no_claims(checked: Callable[[str], Checked]) -> None:
    said = "See `faultfinder review night --finding h3` and images/0123abc.png"
    assert checked(said).text == said


@given(st.text(max_size=200))
def test_sentences_put_together_are_the_answer(answer: str) -> None:
    assert "".join(sentence.text for sentence in sentences_of(answer)) == answer


@given(st.text(alphabet="[]h1-p0 q.x9,'\"“”\n%of", max_size=80))
def test_no_answer_breaks_the_check(answer: str) -> None:
    assert isinstance(check(answer, lambda key: None).text, str)
