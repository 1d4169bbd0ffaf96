"""Text models behind specs: every one keeps the contract of the port, or a message says what to do."""

import pytest
from langchain_core.language_models import SimpleChatModel

from faultfinder.memory.errors import SpecError, TargetError
from faultfinder.tools.registry import open_text_model, targets
from faultfinder.tools.targets.checked_answers import LONGEST, CheckedTextModel
from faultfinder.tools.targets.conversations import Message, conversation_of
from faultfinder.tools.targets.langchain_text import ChatModelText
from tests.support.text_models import Lead, check_text_model

MODULE = """
class Shouter:
    name = "shouter"
    def respond(self, texts):
        return [text.upper() for text in texts]

class Silent:
    name = "silent"

class Nameless:
    def respond(self, texts):
        return texts
"""


class Parrot(SimpleChatModel):
    """Says what it was told, turned around."""

    @property
    def _llm_type(self):
        return "parrot"

    def _call(self, messages, stop=None, run_manager=None, **kwargs):
        return f" {messages[-1].text[::-1]} "


class Says:
    name = "says"

    def __init__(self, answers):
        self._answers = answers

    def respond(self, texts):
        return self._answers


@pytest.fixture
def my_models(tmp_path, monkeypatch):
    (tmp_path / "my_text_models.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


def test_a_model_of_ones_own_keeps_the_contract(my_models):
    model = open_text_model("python:my_text_models:Shouter")
    check_text_model(model)
    assert model.respond(["a dog"]) == ["A DOG"]
    assert model.name == "python:my_text_models:Shouter"


@pytest.mark.parametrize("factory", ["Silent", "Nameless"])
def test_what_answers_nothing_or_has_no_name_is_refused(my_models, factory):
    with pytest.raises(SpecError, match=f"made a {factory}, which is no text model"):
        open_text_model(f"python:my_text_models:{factory}")


def test_a_langchain_chat_model_keeps_the_contract():
    model = ChatModelText("parrot", Parrot(), "{text}")
    check_text_model(model)
    assert model.respond(["abc {text} {x}"]) == ["}x{ }txet{ cba"]
    assert ChatModelText("parrot", Parrot(), "Shorten: {text}!").respond(["abc"]) == ["!cba :netrohS"]


@pytest.mark.parametrize("instruction", ["Summarize.", "{text} and {text}"])
def test_an_instruction_has_one_place_for_the_text(instruction):
    with pytest.raises(SpecError, match="once, where the text goes"):
        ChatModelText("parrot", Parrot(), instruction)


def test_textrank_keeps_the_contract_and_picks_what_the_other_sentences_share():
    model = open_text_model("summarizer:textrank@sentences=1")
    check_text_model(model)
    pair = ("A cat chased a mouse around the house.", "The mouse fled the house and the cat slept.")
    assert model.respond([" ".join(["Stocks fell on Monday.", *pair, "Rain!"])])[0] in pair, (
        "one of those that share words"
    )
    assert open_text_model("summarizer:textrank").respond(["One. Two. Three."]) == ["One. Two."]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("summarizer:lead", r"write summarizer:textrank\[@sentences=2\]"),
        ("summarizer:textrank@sentences=0", "names no summarizer"),
        ("summarizer:", "lacks what follows the colon"),
        ("gpt:x", "names no target"),
        ("openai:x", "only an audit or a check of one can ask it"),
        ("vectors:x.npz", "names no target"),
    ],
)
def test_a_spec_that_cannot_be_opened_says_what_to_do(spec, message):
    with pytest.raises(SpecError, match=message):
        open_text_model(spec)


def test_the_kinds_of_text_model_are_listed():
    listed = {info.spec: info for info in targets()}
    assert listed["summarizer:textrank"].ready
    assert any(spec.startswith("transformers:") for spec in listed)


@pytest.mark.parametrize(
    ("answers", "message"),
    [(["a", "b"], "2 answers for 1 texts"), ([None], "a NoneType for 'x'"), (3, "failed at 'x'")],
)
def test_answers_are_checked_where_they_enter(answers, message):
    with pytest.raises(TargetError, match=message):
        CheckedTextModel(Says(answers), "says").respond(["x"])


def test_an_answer_that_runs_on_is_cut_and_a_sound_model_is_left_as_it_is():
    assert [len(a) for a in CheckedTextModel(Says(["a" * 10 * LONGEST]), "says").respond(["x"])] == [LONGEST]
    check_text_model(CheckedTextModel(Lead(), "lead"))


def test_a_model_says_what_it_is_given_for_a_text(my_models):
    """What it is fine-tuned on has to be what it is asked."""
    chat = ChatModelText("parrot", Parrot(), "Say it again: {text}!")
    assert conversation_of(chat, "a {text}") == (Message(role="user", content="Say it again: a {text}!"),)
    shouter = open_text_model("python:my_text_models:Shouter")
    assert conversation_of(shouter, "a dog") == (Message(role="user", content="a dog"),)
    strict = CheckedTextModel(Strict("user"), "strict")
    assert [turn.role for turn in conversation_of(strict, "a dog")] == ["system", "user"]


@pytest.mark.parametrize("role", ["assistant", "nobody"])
def test_what_is_no_conversation_with_the_user_is_said_so(role):
    with pytest.raises(TargetError, match="strict: what it says it is given"):
        conversation_of(CheckedTextModel(Strict(role), "strict"), "a dog")


class Strict:
    """A model under an instruction of its own."""

    name = "strict"

    def __init__(self, role):
        self._role = role

    def respond(self, texts):
        return list(texts)

    def conversation(self, text):
        return [{"role": "system", "content": "Be strict."}, {"role": self._role, "content": text}]
