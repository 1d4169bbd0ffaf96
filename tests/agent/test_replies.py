"""Typed replies: whatever a model wraps its JSON in, it is read; what does not fit is asked for once more."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage

from faultfinder.agent.budget import Budget
from faultfinder.agent.llm.chat_model import Connection
from faultfinder.agent.llm.forms import (
    BriefReply,
    HypothesesReply,
    MeaningsReply,
    PairsReply,
    RefinementReply,
    RelationReply,
)
from faultfinder.agent.llm.paid_model import PaidModel
from faultfinder.agent.llm.replies import ask, json_values, read_reply, strict_schema
from faultfinder.memory.errors import ReplyError
from faultfinder.memory.records import Limits

PAIR = {"a": "a red circle", "b": "a blue circle"}

json_objects = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict | list))
prose = st.text(st.characters(blacklist_characters="{}[]", codec="utf-8"), max_size=40)


class SpeechlessToTools(FakeListChatModel):
    """A model that takes tools and never calls them, as small ones do."""

    def bind_tools(self, tools, **kwargs):
        return self


@pytest.fixture
def says(ledger, heard):
    """Ask a model that says the given things in turn."""

    def asked(schema, *replies):
        connection = Connection("fake", SpeechlessToTools(responses=list(replies)))
        model = PaidModel(connection, ledger, Budget(Limits(), ledger), heard.append)
        return ask(model, "test", [HumanMessage("?")], schema)

    return asked


@given(json_objects, prose, prose)
def test_json_is_found_in_any_prose(value, before, after):
    assert list(json_values(f"{before}{json.dumps(value)}{after}")) == [value]


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    list(json_values(text))


texts = st.text("xyz ", min_size=1)


@given(st.lists(st.fixed_dictionaries({"a": texts, "b": texts}), min_size=1, max_size=5), st.data())
def test_a_reply_cut_anywhere_keeps_its_whole_items(pairs, data):
    whole = json.dumps({"pairs": pairs})
    cut = whole[: data.draw(st.integers(whole.index("}") + 1, len(whole)))]
    read = read_reply(AIMessage(cut), PairsReply).pairs
    assert [pair.model_dump(exclude={"change"}) for pair in read] == pairs[: len(read)]
    assert len(read) >= cut.count("}") - (cut == whole)


@pytest.mark.parametrize(
    "said",
    [
        json.dumps({"pairs": [PAIR]}),
        f"Sure, {{here}} you are:\n```json\n{json.dumps({'pairs': [PAIR]})}\n```\nAnything else?",
        json.dumps([PAIR]),
        json.dumps(PAIR),
        json.dumps({"result": [PAIR]}),
        json.dumps({"pairs": [PAIR, {"a": "cut"}, "noise"], "comment": "spare"}),
        json.dumps({"pairs": [list(PAIR.values())]}),
        json.dumps({"pairs": [{"sentence": PAIR["a"], "changed": PAIR["b"]}]}),
        '<think>maybe {"pairs": []} or so</think>' + json.dumps({"pairs": [PAIR]}),
        json.dumps({"pairs": [PAIR]})[:-1],
        json.dumps({"pairs": [PAIR, PAIR]})[:-12],
    ],
)
def test_sloppy_forms_are_read(said):
    assert [pair.model_dump(exclude={"change"}) for pair in read_reply(AIMessage(said), PairsReply).pairs] == [PAIR]


def test_one_object_a_line_is_a_list():
    lines = "\n".join(json.dumps({"a": f"{n}", "b": "x"}) for n in range(3))
    assert [pair.a for pair in read_reply(AIMessage(lines), PairsReply).pairs] == ["0", "1", "2"]


def test_a_function_call_is_read_before_its_text():
    call = {"name": "answer", "args": {"pairs": [PAIR]}, "id": "1", "type": "tool_call"}
    assert read_reply(AIMessage("", tool_calls=[call]), PairsReply).pairs[0].a == PAIR["a"]


@pytest.mark.parametrize(
    "said", ["", "I cannot.", "{}", '{"pairs": "none"}', '{"pairs": [{"a": 1}]}', '{"foo": {"bar": 1}}']
)
def test_nothing_is_made_up(said):
    with pytest.raises(ReplyError):
        read_reply(AIMessage(said), PairsReply)


def test_an_unfit_answer_is_asked_for_once_more(says):
    reply = says(RelationReply, '{"kinship": "cousin"}', '{"kinship": "new", "failure": null}')
    assert (reply.kinship, reply.failure) == ("new", "")


def test_the_objection_shows_what_was_wrong(ledger, heard):
    class Recording(SpeechlessToTools):
        seen: list = []  # noqa: RUF012 - a pydantic field

        def _call(self, messages, *args, **kwargs):
            self.seen.append(messages)
            return super()._call(messages, *args, **kwargs)

    fake = Recording(responses=['{"kinship": "cousin"}', '{"kinship": "same", "failure": "f1"}'])
    model = PaidModel(Connection("fake", fake), ledger, Budget(Limits(), ledger), heard.append)
    ask(model, "relation", [HumanMessage("?")], RelationReply)
    objection = fake.seen[1][-1].text
    assert "kinship" in objection
    assert "'narrower'" in objection
    assert "cousin" in fake.seen[1][-2].text


def test_two_unfit_answers_are_an_error_that_names_the_model(says):
    with pytest.raises(ReplyError, match="fake, asked twice for test, gave no JSON"):
        says(BriefReply, "no", "no, never")


def test_a_refusal_is_not_argued_with(ledger, heard):
    class Refusing(SpeechlessToTools):
        def _generate(self, *args, **kwargs):
            result = super()._generate(*args, **kwargs)
            result.generations[0].message.additional_kwargs["refusal"] = "I would rather not."
            return result

    model = PaidModel(Connection("fake", Refusing(responses=[""])), ledger, Budget(Limits(), ledger), heard.append)
    with pytest.raises(ReplyError, match="refused: I would rather not"):
        ask(model, "test", [HumanMessage("?")], BriefReply)
    assert ledger.spend().llm_calls == 1


def test_loose_fields_are_tidied():
    assert read_reply(AIMessage('{"focus": "place, number", "domain": null}'), BriefReply).focus == ("place", "number")
    proposal = {"title": "left and right", "description": "they are confused", "evidence": [3], "known": None}
    read = read_reply(AIMessage(json.dumps({"hypotheses": [proposal]})), HypothesesReply).hypotheses[0]
    assert (read.evidence, read.known, read.noticed) == (("3",), "", "")


@pytest.mark.parametrize(
    "schema", [BriefReply, HypothesesReply, PairsReply, MeaningsReply, RefinementReply, RelationReply]
)
def test_schemas_are_strict(schema):
    def objects(node):
        if isinstance(node, dict):
            if "properties" in node:
                yield node
            for child in node.values():
                yield from objects(child)
        elif isinstance(node, list):
            for child in node:
                yield from objects(child)

    found = list(objects(strict_schema(schema)))
    assert found
    for node in found:
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])
        assert not any("default" in field for field in node["properties"].values())


@pytest.mark.parametrize("said", ["[" * 30_000, '{"a":' * 8_000])
def test_a_model_that_runs_on_in_brackets_has_given_no_json(said):
    with pytest.raises(ReplyError, match="gave no JSON"):
        read_reply(AIMessage(said), PairsReply)
