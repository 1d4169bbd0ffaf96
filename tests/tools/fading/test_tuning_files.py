"""Files to fine-tune with: the forms that trainers read, whatever is in the texts."""

import json
from dataclasses import replace

import pytest

from faultfinder.tools.fading.tuning_files import TuningExample, is_set_aside, tuning_files
from faultfinder.tools.targets.conversations import Message

PROMPT = (Message(role="system", content="Be short."), Message(role="user", content='Sum "up":\n\u2028<b>Grüße</b>'))
TURNS = [message.model_dump() for message in PROMPT]
EDITED = TuningExample("one", PROMPT, "good", "bad")
PLAIN = TuningExample("two", PROMPT, "good too")
SILENT = TuningExample("three", PROMPT, "good", " ")


def read(files):
    return {file.name: [json.loads(line) for line in file.content.decode().splitlines()] for file in files}


def turn(text):
    return {"role": "assistant", "content": text}


def test_each_form_has_its_own_file_and_validation_beside_it():
    found = read(tuning_files([EDITED, PLAIN, replace(EDITED, aside=True)]))
    assert found == {
        "fine_tuning.jsonl": [{"messages": [*TURNS, turn("good")]}, {"messages": [*TURNS, turn("good too")]}],
        "validation.jsonl": [{"messages": [*TURNS, turn("good")]}],
        "preference.jsonl": [{"prompt": TURNS, "chosen": [turn("good")], "rejected": [turn("bad")]}],
        "preference_validation.jsonl": [{"prompt": TURNS, "chosen": [turn("good")], "rejected": [turn("bad")]}],
        "preference_openai.jsonl": [
            {"input": {"messages": TURNS}, "preferred_output": [turn("good")], "non_preferred_output": [turn("bad")]}
        ],
        "preference_openai_validation.jsonl": [
            {"input": {"messages": TURNS}, "preferred_output": [turn("good")], "non_preferred_output": [turn("bad")]}
        ],
    }


def test_what_leaves_no_choice_is_learnt_from_but_no_preference():
    found = read(tuning_files([PLAIN, SILENT, TuningExample("four", PROMPT, "same", "same ")]))
    assert set(found) == {"fine_tuning.jsonl"}
    assert len(found["fine_tuning.jsonl"]) == 3


def test_about_one_input_in_five_is_set_aside_and_always_the_same():
    texts = [f"text {number}" for number in range(1000)]
    aside = [text for text in texts if is_set_aside(text)]
    assert len(aside) == pytest.approx(200, abs=45)
    assert aside == [text for text in texts if is_set_aside(text)]
