"""Twenty questions, asked without a model and of a model that makes things up: what is left is borne out.

Every answer is held to the audit's database by other means than the chat's own check (`tests.support.bearing`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from faultfinder.agent.chat.chatting import Reply, open_chat
from faultfinder.agent.events import silent
from faultfinder.memory.records import Limits
from tests.support.bearing import Ground
from tests.support.server import ChatServer
from tests.support.talking import ask, copied, ground, lab_audit
from tests.support.twenty import TWENTY, Converser

MODEL = "openai:scripted"


@dataclass(frozen=True)
class Answered:
    """One answer, and the audit's records when it was given."""

    reply: Reply
    ground: Ground


@dataclass(frozen=True)
class Talk:
    """Twenty answers."""

    answers: dict[str, Answered]

    def of(self, question: str) -> Reply:
        """Return the answer to a question."""
        return self.answers[question].reply

    def wrong(self) -> list[str]:
        """Return what does not stand in the records, or what cites what is not there."""
        found = []
        for each in self.answers.values():
            found += each.ground.verify(each.reply.answer, each.reply.question).wrong
            found += [key for key in each.reply.citations if not each.ground.exists(key)]
        return found

    def facts(self) -> int:
        """Return how many things were looked up."""
        return sum(a.ground.verify(a.reply.answer, a.reply.question).facts for a in self.answers.values())


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two audits of one target, the later one to be talked about."""
    place = tmp_path_factory.mktemp("audits")
    lab_audit(place, "evening")
    return lab_audit(place)


def talk(audited: Path, place: Path, llm: str | None = None, url: str | None = None) -> Talk:
    """Put the twenty questions to a copy of the audit, in one sitting."""
    copied(audited.parent / "evening", place)
    folder = copied(audited, place)
    answers = {}
    with open_chat(folder, silent, Limits(), llm, url) as chat:
        for question in TWENTY:
            reply = chat.ask(question)
            answers[question] = Answered(reply, ground(folder, reply))
    return Talk(answers)


@pytest.fixture(scope="module")
def by_rules(audited: Path, tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return talk(audited, tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module")
def model() -> Iterator[Converser]:
    return Converser()


@pytest.fixture(scope="module")
def by_model(audited: Path, tmp_path_factory: pytest.TempPathFactory, model: Converser) -> Talk:
    with ChatServer(talker=model) as server:
        return talk(audited, tmp_path_factory.mktemp("model"), MODEL, server.url)


@pytest.fixture(params=["by_rules", "by_model"])
def talked(request: pytest.FixtureRequest) -> Talk:
    """The twenty answers of the rules, and those of the model."""
    return request.getfixturevalue(request.param)


def test_each_question_is_answered_by_the_tool_that_knows(talked: Talk) -> None:
    called = {question: [use.name for use in talked.of(question).tools] for question in TWENTY}
    assert [question for question, turn in TWENTY.items() if turn.tool not in called[question]] == []


def test_every_cited_thing_exists_and_says_what_the_sentence_says(talked: Talk) -> None:
    assert talked.wrong() == []
    assert [question for question in TWENTY if not talked.of(question).citations] == []
    assert talked.facts() > 150


def test_that_means_what_was_spoken_of_last(talked: Talk) -> None:
    (about,) = {key.partition("-")[0] for key in talked.of("show me").citations}
    assert about in talked.of("how sure are you about left and right?").citations
    assert about in talked.of("why do you believe that?").citations
    assert "refuted" in talked.of("why was it refuted?").answer


def test_what_the_corpus_does_not_have_is_said(talked: Talk) -> None:
    assert "no text of the corpus lab speaks of 'vans'" in talked.of("does h1 hold for vans?").answer


def test_rules_say_nothing_that_has_to_be_taken_out(by_rules: Talk) -> None:
    assert [reply for each in by_rules.answers.values() if (reply := each.reply).removed] == []


def test_pictures_are_drawn_and_named(by_rules: Talk) -> None:
    files = [line.strip() for line in by_rules.of("show me").answer.splitlines() if line.strip().endswith(".png")]
    assert len(files) == 2
    assert all(Path(file).read_bytes().startswith(b"\x89PNG") for file in files)


def test_an_earlier_audit_is_compared_with(talked: Talk) -> None:
    answered = talked.answers["compare with the last audit"]
    assert "evening" in answered.reply.answer
    assert {key for key in answered.reply.citations if key[0] == "x"} <= answered.ground.look_ups.keys()


@pytest.mark.parametrize("question", TWENTY)
def test_what_a_model_makes_up_is_taken_out_and_said_to_be(question: str, by_model: Talk, model: Converser) -> None:
    reply, slip = by_model.of(question), model.slips[question].removeprefix("- ")
    assert [removed.sentence.removeprefix("- ") for removed in reply.removed] == [slip]
    assert slip not in reply.answer
    assert f"(A sentence was removed: {reply.removed[0].why}.)" in reply.answer
    assert by_model.answers[question].ground.verify(slip).wrong, "the second opinion misses it"


@pytest.mark.parametrize("question", TWENTY)
def test_what_a_model_says_truly_stays(question: str, by_model: Talk, model: Converser) -> None:
    assert by_model.of(question).answer.startswith(model.true[question])


def test_only_audits_in_the_same_folder_are_compared_with(audited: Path, tmp_path: Path) -> None:
    elsewhere = copied(audited.parent / "evening", tmp_path / "elsewhere")
    folder = copied(audited, tmp_path / "audits")
    (folder.parent / "evening").symlink_to(elsewhere)
    (folder.parent / "half").mkdir()
    (folder.parent / "half" / "audit.db").symlink_to(elsewhere / "audit.db")
    last, named, half = ask(folder, "compare with the last audit", "compare with evening", "compare with half")
    assert "there is no earlier audit of lab:clip" in last.answer
    for reply in (named, half):
        assert "leads out of the folder of audits" in reply.answer
        assert "probes fail" not in reply.answer
