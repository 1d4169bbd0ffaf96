"""What stands after people have answered: their word over the machine's, nothing overwritten, verdicts counted anew."""

from itertools import product

import pytest

from faultfinder.agent.following import Followed
from faultfinder.agent.inquiries import inquiries
from faultfinder.agent.judge import judge
from faultfinder.agent.questions import meaning_question, put, unanswered, which_question
from faultfinder.agent.report.human_facts import PeopleView
from faultfinder.agent.settling import Settlement, settled_observations
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import Answer, Question, Why
from faultfinder.memory.picture_records import Seen, Side, Sight, Sighting
from faultfinder.memory.records import Case, Decision, Hypothesis, Judgement, Meaning, Observation, Outcome, Role
from tests.support.reviewing import label

CASE = Case(
    id="h1-p01",
    hypothesis="h1",
    role=Role.PROBE,
    a="left",
    b="right",
    judgement=Judgement(meaning=Meaning.DIFFERENT, reason="antonyms", judge="lexicon"),
)
A = which_question(CASE, Side.A, "a" * 64, Why.SAMPLE)
B = which_question(CASE, Side.B, "b" * 64, Why.SAMPLE)
MEANING = meaning_question(CASE, Why.SAMPLE)


def sighting(case: str, side: Side, seen: Seen, judge: str = "lab parser") -> Sighting:
    return Sighting(id=f"{case}-{side}", case=case, side=side, picture="p", judge=judge, sight=Sight(seen=seen))


def painted(ledger: Ledger, a: Seen, b: Seen, outcome: Outcome, detail: str = "seen") -> Observation:
    observed = Observation(case=CASE.id, outcome=outcome, detail=detail)
    ledger.save([CASE, A, B, MEANING, sighting(CASE.id, Side.A, a), sighting(CASE.id, Side.B, b), observed])
    return observed


def say(ledger: Ledger, question: Question, *answers: Answer | None, start: int = 0) -> None:
    ledger.save([label(question, f"rater {start + number}", answer) for number, answer in enumerate(answers)])


def outcome(ledger: Ledger, observed: Observation) -> Outcome:
    return Settlement(ledger).of(observed).outcome


def test_where_nobody_answered_the_machine_stands(ledger: Ledger) -> None:
    observed = painted(ledger, Seen.SECOND, Seen.SECOND, Outcome.FAIL)
    settled = Settlement(ledger).of(observed)
    assert (settled.outcome, settled.overturned, settled.asked) == (Outcome.FAIL, False, False)
    assert Settlement(ledger).observed(observed) is observed


def test_a_person_overturns_a_failure_and_the_machines_word_is_kept(ledger: Ledger) -> None:
    observed = painted(ledger, Seen.SECOND, Seen.SECOND, Outcome.FAIL)
    say(ledger, A, Answer.FIRST)
    settled = Settlement(ledger).of(observed)
    assert (settled.outcome, settled.machine, settled.overturned) == (Outcome.PASS, Outcome.FAIL, True)
    assert settled_observations(ledger)[0].outcome is Outcome.PASS
    assert ledger.all(Observation) == [observed]
    assert ledger.all(Sighting)[0].sight.seen is Seen.SECOND


@pytest.mark.parametrize(("a", "b"), list(product(Seen, Seen)))
def test_people_alone_follow_the_published_rule(ledger: Ledger, a: Seen, b: Seen) -> None:
    observed = painted(ledger, Seen.CANNOT_TELL, Seen.CANNOT_TELL, Outcome.UNSCORABLE)
    say(ledger, A, Answer(a.value))
    assert Settlement(ledger).people_alone(CASE.id) is None
    say(ledger, B, Answer(b.value))
    wrong = a in (Seen.SECOND, Seen.NEITHER) or b in (Seen.FIRST, Seen.NEITHER)
    right = (a, b) == (Seen.FIRST, Seen.SECOND)
    expected = Outcome.FAIL if wrong else Outcome.PASS if right else Outcome.UNSCORABLE
    assert Settlement(ledger).people_alone(CASE.id) is expected
    assert outcome(ledger, observed) is expected


def test_raters_who_split_leave_it_open(ledger: Ledger) -> None:
    observed = painted(ledger, Seen.FIRST, Seen.SECOND, Outcome.PASS)
    say(ledger, A, Answer.FIRST, Answer.NEITHER)
    assert outcome(ledger, observed) is Outcome.UNSCORABLE
    say(ledger, A, Answer.NEITHER, start=2)
    assert outcome(ledger, observed) is Outcome.FAIL


def test_an_answer_taken_back_gives_the_machine_its_word_again(ledger: Ledger) -> None:
    observed = painted(ledger, Seen.FIRST, Seen.SECOND, Outcome.PASS)
    say(ledger, A, Answer.NEITHER)
    assert outcome(ledger, observed) is Outcome.FAIL
    say(ledger, A, None)
    assert outcome(ledger, observed) is Outcome.PASS
    assert A.id in {question.id for question in unanswered(ledger)}


def test_texts_that_mean_the_same_make_a_case_invalid(ledger: Ledger) -> None:
    observed = painted(ledger, Seen.SECOND, Seen.SECOND, Outcome.FAIL)
    say(ledger, MEANING, Answer.DIFFERENT)
    assert outcome(ledger, observed) is Outcome.FAIL
    say(ledger, MEANING, Answer.SAME, Answer.SAME, start=1)
    settled = Settlement(ledger).of(observed)
    assert (settled.outcome, settled.reason) == (Outcome.INVALID, "people (3): the two mean the same")


def test_what_pictures_show_says_nothing_of_an_encoder(ledger: Ledger) -> None:
    painted(ledger, Seen.SECOND, Seen.SECOND, Outcome.FAIL)
    encoded = Observation(case=CASE.id, outcome=Outcome.FAIL, target_similarity=0.99, bar=0.9)
    say(ledger, A, Answer.FIRST)
    say(ledger, B, Answer.SECOND)
    assert outcome(ledger, encoded) is Outcome.FAIL
    say(ledger, MEANING, Answer.SAME)
    assert outcome(ledger, encoded) is Outcome.INVALID


def test_a_refused_picture_is_not_made_up_for_by_the_other(ledger: Ledger) -> None:
    refused = Observation(case=CASE.id, outcome=Outcome.UNSCORABLE, detail="the generator refused: blocked")
    ledger.save([CASE, A, sighting(CASE.id, Side.A, Seen.CANNOT_TELL), refused])
    say(ledger, A, Answer.NEITHER)
    assert outcome(ledger, refused) is Outcome.UNSCORABLE


def experiment(ledger: Ledger, judge_name: str = "lab parser") -> Hypothesis:
    """Ten probes that the judge says fail, ten controls that it says pass, and the verdict on them."""
    hypothesis = Hypothesis(id="h1", title="sides", description="sides are confused")
    cases = [
        CASE.model_copy(update={"id": f"h1-{role[0]}{n:02d}", "role": role, "a": f"left {role} {n}"})
        for role in Role
        for n in range(10)
    ]
    ends = {Role.PROBE: Outcome.FAIL, Role.CONTROL: Outcome.PASS}
    seen = [Observation(case=case.id, outcome=ends[case.role]) for case in cases]
    first = {Role.PROBE: Seen.SECOND, Role.CONTROL: Seen.FIRST}
    sights = [sighting(case.id, Side.A, first[case.role], judge_name) for case in cases]
    sights += [sighting(case.id, Side.B, Seen.SECOND, judge_name) for case in cases]
    ledger.save([hypothesis, *cases, *seen, *sights, judge(hypothesis, cases, seen, 1, 1)])
    put(ledger, [which_question(case, side, "c" * 64, Why.SAMPLE) for case in cases for side in Side])
    return hypothesis


def about(ledger: Ledger, case: str, side: Side) -> Question:
    return next(each for each in ledger.all(Question) if (each.case, each.side) == (case, side))


def test_a_verdict_is_counted_anew_with_the_same_share_of_the_error_budget(ledger: Ledger) -> None:
    experiment(ledger)
    assert inquiries(ledger)[0].decision is Decision.SUPPORTED
    for number in range(8):
        say(ledger, about(ledger, f"h1-p{number:02d}", Side.A), Answer.FIRST)
    (inquiry,) = inquiries(ledger)
    assert inquiry.machine is not None
    assert inquiry.verdict is not None
    assert (inquiry.machine.decision, inquiry.verdict.decision) == (Decision.SUPPORTED, Decision.INCONCLUSIVE)
    assert (inquiry.verdict.probes.fail, inquiry.verdict.probes.passed) == (2, 8)
    assert (inquiry.verdict.alpha, inquiry.verdict.test_number) == (inquiry.machine.alpha, 1)
    facts = PeopleView(ledger, []).of(inquiry)
    assert facts is not None
    assert (len(facts.overturned), facts.machine_decision, facts.answered) == (8, Decision.SUPPORTED, 8)


def test_the_judge_is_measured_on_cases_of_which_people_saw_both_pictures(ledger: Ledger) -> None:
    experiment(ledger)
    view = PeopleView(ledger, [])
    assert view.judge_quality() is None
    for case, first in (("h1-p00", Answer.SECOND), ("h1-p01", Answer.FIRST), ("h1-c00", Answer.FIRST)):
        say(ledger, about(ledger, case, Side.A), first)
        say(ledger, about(ledger, case, Side.B), Answer.SECOND)
    quality = PeopleView(ledger, []).judge_quality()
    assert quality is not None
    assert (quality.sensitivity.value, quality.specificity.value, quality.agreement.n) == (1.0, 0.5, 3)


def test_people_are_not_measured_against_themselves(ledger: Ledger) -> None:
    experiment(ledger, "people")
    for side, answer in ((Side.A, Answer.FIRST), (Side.B, Answer.SECOND)):
        say(ledger, about(ledger, "h1-p00", side), answer)
    assert PeopleView(ledger, []).judge_quality() is None


def test_the_judge_of_pictures_is_not_measured_on_what_an_encoder_said(ledger: Ledger) -> None:
    encoded = Observation(case=CASE.id, outcome=Outcome.PASS, target_similarity=0.2)
    sights = [sighting(CASE.id, side, Seen.SECOND) for side in Side]
    ledger.save([CASE, A, B, encoded, *sights])
    say(ledger, A, Answer.SECOND)
    say(ledger, B, Answer.SECOND)
    downstream = Observation(case=CASE.id, outcome=Outcome.FAIL, detail="seen")
    followed = Followed(id="h1", generator="g", judge="j", pairs=(downstream,))
    quality = PeopleView(ledger, [followed]).judge_quality()
    assert quality is not None
    assert (quality.agreement.value, quality.agreement.n) == (1.0, 1)


def test_two_prompts_that_gave_one_picture_are_two_questions() -> None:
    same = [which_question(CASE, side, "c" * 64, Why.SAMPLE).id for side in Side]
    assert len(set(same)) == 2
