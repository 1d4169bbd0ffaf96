"""A chat model answers over the same tools: what it invents is taken out, and it is paid once, killed or not."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from faultfinder.agent.chat.chatting import open_chat
from faultfinder.agent.events import silent
from faultfinder.memory.errors import ModelCallError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Hypothesis, Limits, Verdict
from tests.support.audits import ROOT, command, environment, run
from tests.support.server import ChatServer, Manners
from tests.support.talkers import honest, lying
from tests.support.talking import ask, assert_borne_out, copied, lab_audit

MODEL = "openai:scripted"
QUESTIONS = ("what failed?", "how sure are you?", "does it hold for stars?", "what did it cost?", "compare two texts")


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lab_audit(tmp_path_factory.mktemp("audits"), limits={"hypotheses": 2})


@pytest.fixture
def night(audited: Path, tmp_path: Path) -> Path:
    """An audit whose limit on hypotheses leaves room for one question."""
    return copied(audited, tmp_path)


@pytest.fixture
def liar() -> Iterator[ChatServer]:
    with ChatServer(talker=lying) as server:
        yield server


ROOM = Limits(hypotheses=4)


def test_an_honest_model_keeps_every_sentence(night: Path) -> None:
    with ChatServer(talker=honest) as server:
        replies = ask(night, *QUESTIONS, llm=MODEL, url=server.url, limits=ROOM)
    for reply in replies:
        assert reply.removed == (), reply
        assert reply.citations, reply
        assert_borne_out(night, reply)
    tested = replies[2]
    assert "q1" in tested.citations
    assert tested.cost.hypotheses == 1
    assert all(reply.answered_by == MODEL and reply.cost.llm_calls >= 2 for reply in replies)


def test_what_a_model_invents_is_taken_out_with_a_note(night: Path, liar: ChatServer) -> None:
    (reply,) = ask(night, "tell me everything", llm=MODEL, url=liar.url)
    assert next(removed.why for removed in reply.removed) == "it cites h99-p01, which does not exist"
    assert len(reply.removed) == 6
    assert reply.answer.count("(A sentence was removed:") == 6
    for invention in ("at night", "purple elephant, in", "1 of 3 probes fail [h1]", "83 % of cases"):
        assert invention not in reply.answer
    assert "[h1] is proven." in reply.answer
    assert set(reply.citations) == {"h1"}


def test_an_invention_does_not_come_back_as_history(night: Path, liar: ChatServer) -> None:
    ask(night, "tell me everything", "and now?", llm=MODEL, url=liar.url)
    said = str(liar.bodies[-1]["messages"])
    assert "A sentence was removed" in said
    assert "h99-p01] shows" not in said


def test_calls_are_inside_the_audits_budget(night: Path, liar: ChatServer) -> None:
    (reply,) = ask(night, "tell me everything", llm=MODEL, url=liar.url, limits=Limits(llm_calls=2))
    assert len(liar.paid) == 2
    assert "the limit on chat model calls (--max-llm-calls) was reached" in reply.answer


def test_without_tools_on_the_server_rules_answer(night: Path) -> None:
    with ChatServer(Manners(refuses_tools=True), talker=honest) as server:
        (reply,) = ask(night, "what failed?", llm=MODEL, url=server.url)
    assert "hypotheses about “lab:clip” were proven" in reply.answer
    assert reply.removed == ()


def test_an_answer_is_shown_as_it_arrives_each_sentence_checked(night: Path, liar: ChatServer) -> None:
    shown: list[str] = []
    with open_chat(night, silent, Limits(), MODEL, liar.url, shown.append) as chat:
        reply = chat.ask("tell me everything")
    assert "".join(shown) == f"{reply.answer}\n"
    assert len(shown) >= 5
    assert "shows that it fails at night" not in "".join(shown)


@pytest.mark.parametrize("manners", [Manners(refuses_stream=True), Manners(faults=("truncated",), every=3)])
def test_what_breaks_while_it_arrives_is_asked_for_again(night: Path, manners: Manners) -> None:
    shown: list[str] = []
    with (
        ChatServer(manners, talker=honest) as server,
        open_chat(night, silent, Limits(), MODEL, server.url, shown.append) as chat,
    ):
        reply = chat.ask("how sure are you?")
        keys = [request.key for request in server.paid]
    assert reply.answer in "".join(shown)
    assert reply.removed == ()
    assert len(keys) == len(set(keys)) == 3


WRONGLY = (
    {"name": "ask_the_oracle", "arguments": {}},
    {"name": "show_finding", "arguments": {"finding": ["h1"]}},
    {"name": "compare_texts", "arguments": "[1, 2]"},
)


def clumsy(messages: list[dict], tools: list[dict]) -> dict | str:
    """Use tools wrongly, then say half a character."""
    used = sum(message["role"] == "tool" for message in messages)
    return WRONGLY[used] if used < len(WRONGLY) else "I cannot say \ud83d."


@pytest.mark.parametrize("streams", [True, False])
def test_a_model_that_uses_tools_wrongly_is_told_and_the_chat_goes_on(night: Path, streams: bool) -> None:
    shown: list[str] = []
    with (
        ChatServer(Manners(refuses_stream=not streams), talker=clumsy) as server,
        open_chat(night, silent, Limits(), MODEL, server.url, shown.append) as chat,
    ):
        reply = chat.ask("what failed?")
        told = [message["content"] for message in server.bodies[-1]["messages"] if message["role"] == "tool"]
    assert len(told) == len(WRONGLY)
    assert "ask_the_oracle is not a valid tool" in told[0]
    assert "finding: Input should be a valid string" in told[1]
    assert "cannot be read as a JSON object: [1, 2]" in told[2]
    reply.model_dump_json()
    "".join(shown).encode()


@pytest.mark.slow
def test_a_killed_chat_loses_nothing_and_pays_for_nothing_twice(night: Path, tmp_path: Path) -> None:
    rng, log = random.Random(5), tmp_path / "said.log"
    with ChatServer(Manners(seconds_per_answer=0.3), talker=honest) as server:
        limits = ["--max-hypotheses", "4", "--llm", MODEL, "--llm-url", server.url]
        arguments = command("chat", night.name, "does it hold for stars?", "--out", str(night.parent), *limits)
        kills = 0
        process = begin(arguments, log)
        while kills < 4:
            answered = len(server.requests)
            while len(server.requests) < answered + 1 and process.poll() is None:
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.6))
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            process = begin(arguments, log)
        assert process.wait(timeout=300) == 0, log.read_text()
        keys = [request.key for request in server.requests]
        paid = [request.key for request in server.paid]
    assert kills >= 2
    assert len(paid) == len(set(paid))
    with Ledger.open(night / "audit.db") as ledger:
        asked = [hypothesis for hypothesis in ledger.all(Hypothesis) if hypothesis.asked]
        verdicts = [verdict for verdict in ledger.all(Verdict) if verdict.hypothesis == "q1"]
        cut_off = ledger.spend().llm_calls - len(set(keys))
    assert 0 <= cut_off <= kills  # a call that a kill cut off is counted too: the server may have charged for it
    assert [hypothesis.id for hypothesis in asked] == ["q1"]
    assert len(verdicts) == 1
    assert "[q1]" in log.read_text()


def begin(arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as sink:
        return subprocess.Popen(arguments, stdout=sink, stderr=sink, env=environment() | {"NO_COLOR": "1"}, cwd=ROOT)


KEY = "sk-a-secret-key-0123456789"


def holding_the_key(place: Path) -> list[Path]:
    """Return every file below a place that holds the key; databases and their write-ahead logs are files too."""
    return [path for path in place.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize("manners", [Manners(), Manners(status=401), Manners(faults=("500", "truncated"))])
def test_the_key_is_sent_and_never_said_logged_or_kept(
    night: Path, tmp_path: Path, manners: Manners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "OPENAI_API_KEY", KEY)
    log, heard = tmp_path / "said.log", list[str]()
    with ChatServer(manners, talker=honest) as server:
        arguments = command("chat", night.name, "how sure are you?", "--out", str(night.parent))
        process = begin([*arguments, "--llm", MODEL, "--llm-url", server.url], log)
        ended = process.wait(timeout=120)
        with (
            open_chat(night, lambda event: heard.append(event.model_dump_json()), Limits(), MODEL, server.url) as chat,
            suppress(ModelCallError),
        ):
            heard.append(chat.ask("what failed?").model_dump_json())
            assert holding_the_key(night) == [], "while the database is open"
        assert server.authorization == {f"Bearer {KEY}"}
    assert ended == (2 if manners.status else 0), log.read_text()
    assert run(command("report", night.name, "--out", str(night.parent))).returncode == 0
    assert holding_the_key(tmp_path) == []
    assert KEY not in "".join(heard)
    assert "[h1]" in log.read_text() or manners.status


def test_a_server_that_says_the_key_back_does_not_have_it_shown_or_kept(
    night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "OPENAI_API_KEY", KEY)
    shown: list[str] = []
    with (
        ChatServer(talker=lambda messages, tools: f"Your key is {KEY}. It works. Is that all?") as server,
        open_chat(night, silent, Limits(), MODEL, server.url, shown.append) as chat,
    ):
        reply = chat.ask("what is my key?")
    assert KEY not in reply.model_dump_json() + "".join(shown)
    assert holding_the_key(tmp_path) == []
