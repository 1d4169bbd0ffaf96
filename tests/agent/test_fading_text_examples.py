"""What is made into examples, and what is left out and why: small models, each with a weakness that is known."""

import pytest

from faultfinder.agent.fading import text_examples as made_of
from faultfinder.agent.fading.text_examples import Gatherer
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.errors import ResponseRefused
from faultfinder.memory.regions import Bound, Region
from faultfinder.tools.actions.text_edits import EDIT, STRENGTH, edit_space
from faultfinder.tools.sentences import words
from faultfinder.tools.tasks.metrics import metric_named
from faultfinder.tools.tasks.text_inputs import TextInput
from faultfinder.tools.tasks.texts import TextTask
from tests.support.text_models import PLACES, TOWNS, Lead

INPUTS = tuple(
    TextInput(
        f"{town} {place}",
        f"The large {place} of {town} is closed for {number + 2} weeks. "
        f"Nobody in {town} knows when its old roof will be mended.",
        topic=place,
    )
    for number, (town, place) in enumerate((town, place) for town in TOWNS for place in PLACES[:4])
)
EXPLORING, PROVING, HELD_OUT = range(24), range(24, 40), range(40, 48)


class Refusing(Lead):
    """Refuses texts in capitals that speak of Leeds, and does not understand the others."""

    def respond(self, texts):
        if any("LEEDS" in text for text in texts):
            raise ResponseRefused("not that town")
        return [
            f"What? {text[-9:]}" if text.isupper() else answer
            for text, answer in zip(texts, super().respond(texts), strict=True)
        ]


def region(*edits, topics=(), strengths=()):
    bounds = [Bound(factor=EDIT, levels=edits, say="{level}")]
    bounds += [Bound(factor=STRENGTH, levels=strengths, say="{level}")] if strengths else []
    return Region(bounds=tuple(bounds), topics=topics)


def gathered(model, where, edits, share=0.5, inputs=INPUTS, strengths=None):
    task = TextTask(model, inputs, edit_space(edits, strengths), metric_named("rouge-l"))
    terrain = Terrain(task, tuple(EXPLORING), tuple(PROVING), tuple(HELD_OUT))
    told = []
    found = Gatherer(model, terrain, task, where, 0, lambda done, total: told.append((done, total))).gather(share)
    assert all(done <= total for done, total in told)
    return found


def test_a_refused_answer_is_left_out_and_counted():
    found = gathered(Refusing(), region("upper-case"), ["upper-case"])
    assert len(found.edited) == 20
    assert found.tried == 24
    assert found.left_out == {made_of.REFUSED: 4}
    assert not [example for example in found.edited if example.key.startswith("Leeds")]
    assert all(example.bad.startswith("What?") for example in found.edited)
    assert len(found.plain) == 20
    assert "nothing new was left to try" in found.ended


def test_what_is_answered_rightly_all_the_same_is_no_example():
    found = gathered(Lead(), region("extra-marks"), ["extra-marks"])
    assert found.edited == found.plain == []
    assert found.left_out == {made_of.PASSED: 24}


def test_edits_by_chance_are_made_by_several_rolls_of_the_dice_within_the_levels_of_the_region():
    known = {word for one in INPUTS for word in words(one.text)}
    garbling = Lead(lambda text: "What is that?" if len({*words(text)} - known) > 1 else text)
    where = region("typos", strengths=(0.1, 0.2))
    found = gathered(garbling, where, ["typos", "emoji"], share=0.2, strengths=(0.0, 0.1, 0.2, 0.8))
    prompts = [example.prompt[0].content for example in found.edited]
    assert len(prompts) == len(set(prompts)) > 2 * 24
    assert set(found.by_edit) <= {
        f"with letters mistyped, in a share of {share} of the places" for share in ("0.1", "0.2")
    }
    assert len(found.plain) == pytest.approx(len(prompts) / 4, abs=1) or len(found.plain) == 24


def test_no_sentence_of_an_input_that_is_kept_for_the_proof_gets_into_an_example():
    confused = Lead(lambda text: "What is that?" if sum(town in text for town in TOWNS) > 1 else text)
    found = gathered(confused, region("irrelevant"), ["irrelevant"])
    assert len(found.edited) >= 24
    kept = {INPUTS[number].key.split()[0] for number in (*PROVING, *HELD_OUT)}
    aside = {example.key: example.aside for example in found.edited}
    by_key = {one.key: one.text.partition(".")[0] for one in INPUTS}
    for example in [*found.edited, *found.plain]:
        prompt = example.prompt[0].content
        assert not [town for town in kept if town in prompt]
        others = [key for key, sentence in by_key.items() if sentence in prompt and key != example.key]
        assert all(aside[key] is example.aside for key in others), "nor one of the other part"


def test_what_is_to_be_learnt_of_a_changed_meaning_has_the_change_in_it():
    by_heart = Lead(lambda text: max(INPUTS, key=lambda one: len({*words(one.text)} & {*words(text)})).text)
    found = gathered(by_heart, region("other-numbers"), ["other-numbers"])
    assert found.edited
    for example in found.edited:
        assert example.good == example.prompt[0].content.partition(". ")[0] + "."
        assert example.good != example.bad


def test_a_failure_about_some_topics_makes_examples_of_those():
    found = gathered(Refusing(), region("upper-case", topics=("library", "market")), ["upper-case"])
    assert {example.key.split()[1] for example in found.edited} == {"library", "market"}
