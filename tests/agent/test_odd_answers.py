"""Whatever a server or a model sends, it can be kept; arguments of a tool call are read where they can be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

from faultfinder.agent.llm.odd_answers import object_or_not_json, storable, whole_characters

any_text = st.text(st.characters(), max_size=20)  # halves of characters included


@given(any_text, any_text)
def test_whatever_is_said_can_be_kept_and_is_read_back(said, argued):
    call = {"name": "compare_texts", "args": {"a": [argued]}, "id": "1", "type": "tool_call"}
    kept = storable(AIMessage(said, tool_calls=[call]))
    assert AIMessage.model_validate_json(kept.model_dump_json()) == kept
    assert kept.text == whole_characters(said)


@given(st.text(st.characters(codec="utf-8")))
def test_whole_characters_stay_as_they_are(text):
    assert whole_characters(text) == text


def test_halves_that_arrive_one_after_the_other_are_joined():
    assert whole_characters("\ud83d\ude00 \ud83d") == "😀 \ufffd"


@pytest.mark.parametrize("sent", ['{"a": 1}', {"a": 1}, '"{\\"a\\": 1}"'])
def test_arguments_are_read_as_text_as_an_object_and_as_text_within_text(sent):
    assert json.loads(object_or_not_json(sent)) == {"a": 1}


@pytest.mark.parametrize("sent", ["", None, "null", {}])
def test_no_arguments_are_none(sent):
    assert object_or_not_json(sent) == "{}"


@pytest.mark.parametrize("sent", ["[1, 2]", "7", '"words"', '{"a": ', "false", "[" * 30_000, 7, [1], float("nan")])
def test_what_is_no_object_is_no_json_either(sent):
    with pytest.raises(json.JSONDecodeError):
        json.loads(object_or_not_json(sent))
