"""A text model under edits: planted weaknesses are found, and nothing else."""

import numpy as np
import pytest

from faultfinder.memory.errors import OptionError, ResponseRefused, TargetError
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.space import ActionSpace, Factor
from faultfinder.tools.actions.text_edits import EDITS, edit_space
from faultfinder.tools.sentences import words
from faultfinder.tools.tasks.metrics import metric_named
from faultfinder.tools.tasks.task import Query
from faultfinder.tools.tasks.text_inputs import TextInput
from faultfinder.tools.tasks.texts import TextTask
from tests.support.text_models import Lead

PLACES = ("Ripon", "Leeds", "York", "Hull", "Selby", "Derby", "Luton", "Dover")
STREETS = ("Mill", "Hill", "Park", "Lake", "Bridge", "Castle", "Abbey", "Forest")
INPUTS = tuple(
    TextInput(
        place,
        f"The large library of {place} is closed for {number + 2} weeks, and the happy children of {street} Street "
        f"read at home. We do not know when a doctor will see the old roof of {place}. Cars park there now.",
    )
    for number, (place, street) in enumerate(zip(PLACES, STREETS, strict=True))
)


def task(model, names=(), strengths=None, inputs=INPUTS, **more):
    return TextTask(model, inputs, edit_space(names, strengths), metric_named("rouge-l"), **more)


def outcomes(asked, action):
    replies = asked.ask([Query(number, action) for number in range(len(asked.examples))])
    return {reply.outcome for reply in replies}, replies


def test_a_model_that_only_capitals_break_fails_under_capitals_alone():
    asked = task(
        Lead(lambda text: "No idea." if text.isupper() else text),
        ["upper-case", "extra-marks", "emoji", "repeat-sentence"],
    )
    assert outcomes(asked, 0)[0] == {Outcome.PASS}
    kinds, replies = outcomes(asked, 1)
    assert kinds == {Outcome.FAIL}
    assert all(reply.severity > 0.9 and reply.said == "No idea." for reply in replies)
    assert [outcomes(asked, action)[0] for action in (2, 3, 4)] == [{Outcome.PASS}] * 3


@pytest.mark.parametrize("name", ["negation", "opposites", "other-numbers", "swapped-names"])
def test_a_model_that_takes_a_change_up_passes_and_one_that_does_not_fails(name):
    """The one copies the text; the other knows the texts by heart, and answers as if nothing had been changed."""
    kinds, replies = outcomes(task(Lead(), [name]), 1)
    assert kinds == {Outcome.PASS}
    assert all(reply.severity == pytest.approx(0) for reply in replies)
    by_heart = Lead(lambda text: max(INPUTS, key=lambda one: len({*words(one.text)} & {*words(text)})).text)
    kinds, replies = outcomes(task(by_heart, [name]), 1)
    assert kinds == {Outcome.FAIL}
    assert all(reply.severity == pytest.approx(1) for reply in replies)


def test_an_answer_that_no_longer_speaks_of_the_matter_has_not_missed_the_change():
    asked = task(Lead(lambda text: "Cars park there now." if " not closed" in text else text), ["negation"])
    kinds, replies = outcomes(asked, 1)
    assert kinds == {Outcome.PASS}
    assert all(reply.severity <= 0.5 for reply in replies)


def test_a_change_that_the_answer_does_not_speak_of_is_invalid_and_not_asked():
    last = Lead(lambda text: text.rstrip().split(". ")[-1])
    asked = task(last, ["other-numbers"])
    kinds, replies = outcomes(asked, 1)
    assert kinds == {Outcome.INVALID}
    assert "does not speak of what would be changed" in replies[0].detail
    assert set(last.texts) == {one.text for one in INPUTS}


def test_what_cannot_be_edited_is_invalid_and_not_asked():
    asked = task(Lead(), ["number-words"], inputs=[TextInput(str(n), f"Dog {place}") for n, place in enumerate(PLACES)])
    kinds, replies = outcomes(asked, 1)
    assert kinds == {Outcome.INVALID}
    assert replies[0].detail == "no whole number in digits here"


def test_what_nobody_could_read_is_invalid_and_not_asked():
    odd = [TextInput(str(n), f"zq xv {place.lower()} kj wq vb") for n, place in enumerate(PLACES)]
    model = Lead()
    asked = task(model, ["run-together"], (0.0, 1.0), inputs=odd)
    kinds, replies = outcomes(asked, 3)
    assert kinds == {Outcome.INVALID}
    assert replies[0].detail.startswith("a person could no longer read it: legibility 0")
    assert asked.shown(Query(0, 3)) not in model.texts


def test_every_text_is_asked_once():
    model = Lead()
    asked = task(model)
    queries = [Query(number, action) for number in range(3) for action in range(len(EDITS) + 1)]
    first = asked.ask(queries)
    assert asked.ask(queries[::-1]) == first[::-1]
    assert len(model.texts) == len(set(model.texts)) == asked.asked


def test_the_same_seed_gives_the_same_landscape_and_another_one_another():
    queries = [Query(0, action) for action in range(len(EDITS) + 1)]
    shown = [[task(Lead(), seed=seed).shown(query) for query in queries] for seed in (0, 0, 1)]
    assert shown[0] == shown[1] != shown[2]


def test_a_reference_is_the_truth_where_there_is_one():
    with_truth = [TextInput(one.key, one.text, f"The library of {one.key} is closed.") for one in INPUTS]
    asked = task(Lead(), ["upper-case"], inputs=with_truth)
    (reply,) = asked.ask([Query(0, 0)])
    score = metric_named("rouge-l").scores([INPUTS[0].text.split(". ")[0]], [asked.examples[0].truth])[0]
    assert 0 < score < 1
    assert reply.detail == f"ROUGE-L {score:.3f}"


def test_a_refused_text_is_unscorable_and_a_broken_one_an_error():
    def answer(text):
        if "🔥" in text or "🙏" in text or "👍" in text:
            raise ResponseRefused("no emoji here")
        if "<p>" in text:
            raise TargetError("tags broke it")
        return text

    asked = task(Lead(answer), ["emoji", "html", "extra-marks"])
    replies = asked.ask([Query(number, action) for number in range(8) for action in (1, 2, 3)])
    assert {reply.outcome for reply in replies[1::3]} == {Outcome.ERROR}
    assert {reply.outcome for reply in replies[2::3]} == {Outcome.PASS}
    refused = [reply for reply in replies[::3] if reply.outcome is Outcome.UNSCORABLE]
    assert refused
    assert {reply.detail for reply in refused} == {"no emoji here"}


def test_one_text_that_breaks_a_model_costs_an_error_also_where_it_is_asked_alone():
    def shaken(text):
        if text.isupper():
            raise TargetError("too loud")
        return text

    asked = task(Lead(shaken), ["upper-case"])
    outcomes = [asked.ask([Query(0, action)])[0].outcome for action in (0, 1)]
    assert outcomes == [Outcome.PASS, Outcome.ERROR]


def test_a_model_that_fails_at_everything_stops_the_work():
    def broken(text):
        raise TargetError("out of order")

    with pytest.raises(TargetError, match="lead fails at every text it is given: out of order"):
        task(Lead(broken)).ask([Query(0, 1)])


def test_a_model_whose_answers_say_nothing_of_the_text_cannot_be_judged():
    with pytest.raises(OptionError, match="its answers cannot be judged"):
        task(Lead(lambda text: "Always the same.")).ask([Query(0, 0)])


def test_too_few_texts_are_told():
    with pytest.raises(OptionError, match="give more texts"):
        task(Lead(), inputs=INPUTS[:2]).ask([Query(0, 0)])


def test_states_are_unit_vectors_of_the_unchanged_texts():
    states = task(Lead()).states([0, 3, 0])
    np.testing.assert_allclose(np.linalg.norm(states, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(states[0], states[2])


def test_the_scoring_says_what_counts():
    assert "ROUGE-L" in task(Lead()).scoring
    assert "fails below the fixed score 0.1" in task(Lead(), bar=0.1).scoring


@pytest.mark.parametrize(
    ("inputs", "space"),
    [
        ((), edit_space()),
        (INPUTS[:1] * 2, edit_space()),
        (INPUTS, ActionSpace([Factor("rotation", (0.0,), "{level}")])),
    ],
)
def test_a_task_that_cannot_be_is_refused(inputs, space):
    with pytest.raises(OptionError):
        TextTask(Lead(), inputs, space, metric_named("bleu"))


def test_an_exchange_tells_what_was_given_said_and_wanted():
    asked = task(
        Lead(lambda text: "No idea." if text.isupper() else text), ["upper-case", "other-numbers", "contracted"]
    )
    first = INPUTS[0].text
    shouted = asked.exchange(Query(0, 1))
    assert (shouted.given, shouted.said) == (first.upper(), "No idea.")
    assert shouted.wanted == first.partition(". ")[0] + ".", "the answer to the unchanged text"
    changed = asked.exchange(Query(0, 2))
    assert changed.wanted == changed.given.partition(". ")[0] + ".", "the number is another one in the answer, too"
    assert changed.given != first
    assert asked.exchange(Query(0, 0)).wanted == shouted.wanted


def test_a_truth_is_wanted_where_there_is_one_with_the_change_of_meaning_in_it():
    inputs = [TextInput(one.key, one.text, f"It is closed for {n + 2} weeks.") for n, one in enumerate(INPUTS)]
    asked = task(Lead(), ["upper-case", "other-numbers"], inputs=inputs)
    assert asked.exchange(Query(0, 1)).wanted == "It is closed for 2 weeks."
    changed = asked.exchange(Query(0, 2))
    number = next(word for word in changed.given.split() if word.isdigit())
    assert changed.wanted == f"It is closed for {number} weeks."


def test_other_dice_make_other_edits_and_take_sentences_from_where_they_may():
    model = Lead()
    asked = task(model, ["typos", "irrelevant"])
    again = asked.with_dice(1, [2, 5])
    assert asked.exchange(Query(0, 1)).given != again.exchange(Query(0, 1)).given
    assert asked.exchange(Query(0, 1)).given == asked.with_dice(0, range(len(INPUTS))).exchange(Query(0, 1)).given
    for number in range(len(INPUTS)):
        given = again.exchange(Query(number, 2)).given
        assert not [place for other, place in enumerate(PLACES) if other not in (number, 2, 5) and place in given], (
            "of the two inputs alone"
        )
    assert len(model.texts) == len(set(model.texts)) == again.asked
