"""A chat model under audit, behind real HTTP: what makes it answer worse is proven, and everything is paid for once."""

import json
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from faultfinder.agent.assembly import payer
from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.fading.records import Verdict
from faultfinder.agent.landscape.targets import open_target
from faultfinder.agent.llm.answering import Pay
from faultfinder.agent.report.findings import FindingsFile, Status
from faultfinder.agent.running.audits import Audit
from faultfinder.agent.suites.checking import Gate
from faultfinder.agent.suites.files import read_suites
from faultfinder.agent.suites.replaying import Conditions
from faultfinder.agent.suites.runs import checked
from faultfinder.memory.errors import OptionError, SpecError, SuiteError, TargetError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Limits, Observation, Outcome
from tests.support.audits import ROOT, command, environment, findings_of
from tests.support.audits import run as command_run
from tests.support.fading import fade, left_by
from tests.support.server import ChatServer, Manners
from tests.support.summarizing import INSTRUCTION, Poisoned, Refusing, Small, shy_of_capitals, sound
from tests.support.text_models import stories

KEY = "sk-secret-of-mine"
AT_ONCE = 8


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "stories.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in stories(120)))
    return path


def plan(place: Path, texts: Path, server: ChatServer, **changes: object) -> AuditSettings:
    chosen = {
        "name": "chat-target",
        "goal": "does it summarize as well when I shout?",
        "target": f"openai:scripted@url={server.url}",
        "corpus": "lab",
        "inputs": str(texts),
        "actions": "upper-case,extra-spaces,emoji",
        "instruction": INSTRUCTION,
        "queries": 100,
        "probes": 20,
        "controls": 20,
        "memory": str(place / "memory"),
        **changes,
    }
    return AuditSettings.model_validate(chosen)


def run(place: Path, chosen: AuditSettings, heard: list[Event] | None = None) -> FindingsFile:
    with Audit.create(chosen, place / chosen.name, (heard if heard is not None else []).append) as audit:
        audit.run()
    return findings_of(place / chosen.name)


def reasons(place: Path, outcome: Outcome) -> list[str]:
    """Return why cases ended so."""
    with Ledger.open(place / "chat-target" / "audit.db") as ledger:
        return [seen.detail for seen in ledger.all(Observation) if seen.outcome is outcome]


def till(place: Path) -> Pay:
    """Return what pays for calls out of a ledger of its own."""
    ledger = Ledger.open(place / "till.db")
    return payer(ledger, Budget(Limits(), ledger), lambda event: None)


@pytest.fixture(scope="session")
def shy(tmp_path_factory: pytest.TempPathFactory, texts: Path) -> tuple[Path, FindingsFile, list[Event], ChatServer]:
    """The audit of a model that is shy of capitals, and the server it ran on, still open to be read."""
    place, heard = tmp_path_factory.mktemp("shy"), []
    with pytest.MonkeyPatch.context() as patch, ChatServer(talker=shy_of_capitals) as server:
        patch.setenv("OPENAI_API_KEY", KEY)
        found = run(place, plan(place, texts, server), heard)
    return place / "chat-target", found, heard, server


def test_what_makes_it_answer_worse_is_proven_and_nothing_else(shy) -> None:
    _, found, _, _ = shy
    (proven,) = found.with_status(Status.CONFIRMED)
    assert [(bound.factor, bound.levels) for bound in proven.region.bounds] == [("edit", ("upper-case",))]
    assert (proven.probes.rate, proven.control.rate) == (1.0, 0.0)
    assert "in capitals" in proven.title


def test_every_answer_is_paid_for_once_and_asked_for_in_the_same_way(shy) -> None:
    _, found, _, server = shy
    assert len({request.key for request in server.paid}) == len(server.paid) == found.budget.spent.llm_calls
    assert max(Counter(body["messages"][-1]["content"] for body in server.bodies).values()) == 1
    assert all(body["temperature"] == 0 for body in server.bodies)
    assert all(body["messages"][-1]["content"].startswith(INSTRUCTION) for body in server.bodies)
    assert found.budget.spent.tokens >= sum(request.tokens for request in server.paid)


def test_the_key_is_sent_and_kept_nowhere(shy) -> None:
    folder, _, heard, server = shy
    assert server.authorization == {f"Bearer {KEY}"}
    assert not any(KEY in event.text for event in heard)
    assert not [path.name for path in folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_the_estimate_holds_before_anything_is_spent(shy) -> None:
    _, found, heard, _ = shy
    first = next(event for event in heard if event.kind is EventKind.ESTIMATE)
    low, high = first.expected.llm_calls
    assert first.spend.llm_calls == 0
    assert low <= found.budget.spent.llm_calls <= high


def test_the_report_says_how_it_was_asked(shy) -> None:
    folder, _, _, server = shy
    html = (folder / "report.html").read_text().replace("&#39;", "'")
    assert f"openai:scripted@url={server.url}" in html
    assert f"--instruction '{INSTRUCTION}'" in html


def test_a_sound_model_is_let_go(tmp_path: Path, texts: Path) -> None:
    with ChatServer(talker=sound) as server:
        found = run(tmp_path, plan(tmp_path, texts, server))
    assert not found.with_status(Status.CONFIRMED)
    assert not found.alarms


@pytest.mark.slow
def test_a_bad_line_changes_nothing_but_the_bill(shy, tmp_path: Path, texts: Path, monkeypatch) -> None:
    monkeypatch.setenv("FAULTFINDER_LLM_TIMEOUT", "2")
    monkeypatch.setenv("FAULTFINDER_LLM_TRIES", "8")
    heard: list[Event] = []
    faults = ("429", "500", "truncated", "page", "hang") * 4
    with ChatServer(Manners(faults=faults, every=7, hang_seconds=4), talker=shy_of_capitals) as server:
        found = run(tmp_path, plan(tmp_path, texts, server), heard)
        keys = [request.key for request in server.paid]
        assert {request.fault for request in server.requests} >= set(faults)
    (proven,), (calm,) = found.with_status(Status.CONFIRMED), shy[1].with_status(Status.CONFIRMED)
    assert (proven.title, proven.probes, proven.control) == (calm.title, calm.probes, calm.control)
    assert len(keys) == len(set(keys)), "an answer was bought twice"
    assert any(event.kind is EventKind.WAIT for event in heard)
    assert found.budget.spent.llm_calls > len(keys), "answers that got lost on the way are counted too"


@pytest.mark.slow
def test_a_limit_on_calls_is_a_wall_and_a_resumed_audit_asks_nothing_twice(shy, tmp_path: Path, texts: Path) -> None:
    with ChatServer(talker=shy_of_capitals) as server:
        for most in (150, 700, None):
            limits = Limits(llm_calls=most)
            chosen = plan(tmp_path, texts, server, limits=limits)
            folder = tmp_path / chosen.name
            begun = folder.exists()
            with (
                Audit.open(folder, limits=Limits(llm_calls=most or 10**6))
                if begun
                else Audit.create(chosen, folder) as a
            ):
                reason = a.run()
            if most:
                assert (reason, len(server.paid)) == ("max_llm_calls", most)
        assert len({request.key for request in server.paid}) == len(server.paid)
    (proven,), (calm,) = (each.with_status(Status.CONFIRMED) for each in (findings_of(folder), shy[1]))
    assert (proven.title, proven.probes, proven.control) == (calm.title, calm.probes, calm.control)


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_at_the_command_line_and_every_call_is_counted_once(
    shy, tmp_path: Path, texts: Path
) -> None:
    with ChatServer(Manners(seconds_per_answer=0.02), talker=shy_of_capitals) as server:
        asked = ["--target", f"openai:scripted@url={server.url}", "--inputs", str(texts), "--instruction", INSTRUCTION]
        size = ["--actions", "upper-case,extra-spaces,emoji", "--queries", "100", "--probes", "20", "--controls", "20"]
        place = ["--out", str(tmp_path), "--name", "killed", "--memory", str(tmp_path / "memory"), "--people", "none"]
        begun = subprocess.Popen(
            command("audit", "does it summarize as well when I shout?", *asked, *size, *place),
            env=environment(), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while len(server.paid) < 300 and begun.poll() is None:
            time.sleep(0.05)
        begun.kill()
        begun.wait()
        ended = command_run(command("resume", "killed", "--out", str(tmp_path)))
        assert ended.returncode == 0, ended.stderr
        answered = len(server.paid)
    found, calm = findings_of(tmp_path / "killed"), shy[1]
    assert answered <= found.budget.spent.llm_calls <= answered + AT_ONCE, "beside them, only what the kill cut off"
    (proven,), (undisturbed,) = (each.with_status(Status.CONFIRMED) for each in (found, calm))
    assert (proven.title, proven.probes, proven.control) == (
        undisturbed.title, undisturbed.probes, undisturbed.control,
    )  # fmt: skip


def test_refusals_are_counted_as_such_and_hold_nothing_up(tmp_path: Path, texts: Path) -> None:
    with Refusing(talker=shy_of_capitals) as server:
        found = run(tmp_path, plan(tmp_path, texts, server))
    (proven,) = found.with_status(Status.CONFIRMED)
    assert proven.probes.unscorable + proven.control.unscorable > 0
    assert any("I would rather not" in why or "held back" in why for why in reasons(tmp_path, Outcome.UNSCORABLE))


def test_a_server_with_a_short_context_and_a_model_that_thinks_aloud_are_asked_as_they_want(
    tmp_path: Path, texts: Path
) -> None:
    with Small(talker=shy_of_capitals) as server:
        model = open_target(plan(tmp_path, texts, server), pay=till(tmp_path))
        assert model.respond(["A dog sleeps. It snores.", "A DOG SLEEPS. IT SNORES."]) == [
            "A dog sleeps.",
            "I cannot help with that.",
        ]
        assert "max_tokens" not in server.bodies[-1]


def test_a_text_that_breaks_the_server_costs_an_error_and_not_the_audit(
    tmp_path: Path, texts: Path, monkeypatch
) -> None:
    monkeypatch.setenv("FAULTFINDER_LLM_TRIES", "1")
    with Poisoned(talker=shy_of_capitals) as server:
        found = run(tmp_path, plan(tmp_path, texts, server))
    (proven,) = found.with_status(Status.CONFIRMED)
    assert proven.probes.error + proven.control.error > 0
    assert any("out of memory" in why for why in reasons(tmp_path, Outcome.ERROR))


def test_a_server_that_goes_pauses_the_audit_which_goes_on_when_it_is_back(
    shy, tmp_path: Path, texts: Path, monkeypatch
) -> None:
    monkeypatch.setenv("FAULTFINDER_LLM_TRIES", "1")
    with ChatServer(Manners(fails_after=700), talker=shy_of_capitals) as server:
        chosen = plan(tmp_path, texts, server)
        assert run(tmp_path, chosen).audit.stopped_by.startswith("paused")
        server.manners = Manners()
        with Audit.open(tmp_path / chosen.name) as audit:
            audit.run()
        answered = [request.key for request in server.requests if request.status == 200]
    assert len(answered) == len(set(answered)), "what was answered before the pause is not asked again"
    (proven,), (calm,) = (each.with_status(Status.CONFIRMED) for each in (findings_of(tmp_path / chosen.name), shy[1]))
    assert (proven.title, proven.probes, proven.control) == (calm.title, calm.probes, calm.control)


def test_what_was_proven_is_checked_on_another_model_under_the_same_instruction(shy, tmp_path: Path) -> None:
    suite = read_suites([shy[0] / "suite.jsonl"])
    with ChatServer(talker=sound) as server:
        target, how = f"openai:newer@url={server.url}", Conditions(keep=tmp_path)
        assert checked(suite, target, how, lambda event: None).exit_code(Gate.FIXED) == 0
        assert all(body["messages"][-1]["content"].startswith(INSTRUCTION) for body in server.bodies)
        with pytest.raises(SuiteError, match="older version's"):
            checked(suite, target, how, lambda event: None)
        with pytest.raises(SuiteError, match="--max-llm-calls was reached"):
            checked(suite, target, Conditions(limits=Limits(llm_calls=3)), lambda event: None)
    again = checked(suite, "summarizer:textrank", Conditions(), lambda event: None)
    assert again.failures


@pytest.mark.parametrize(
    ("changes", "error", "told"),
    [
        ({"target": "openai:"}, SpecError, "lacks what follows|names no chat model"),
        ({"target": "openai:m@url="}, SpecError, r"write openai:MODEL\[@url="),
        ({"target": "openai:m@url=here"}, SpecError, "is no URL of a chat server"),
        ({"target": "openai:m@url=http://me:pass@127.0.0.1/v1"}, SpecError, "set OPENAI_API_KEY instead"),
        ({"target": "openai:m@url=http://127.0.0.1/v1?key=pass"}, SpecError, "set OPENAI_API_KEY instead"),
        ({"target": "openai:m"}, SpecError, "openai:MODEL@url=URL"),
        ({"inputs": None}, SpecError, "say which, with --inputs"),
        ({"instruction": " "}, SpecError, "the instruction is empty"),
        ({"instruction": "{text} {text}"}, SpecError, "once, where the text goes"),
        ({"target": "summarizer:textrank"}, OptionError, "is told nothing"),
        ({"target": "transformers:x@instruction=a {text}"}, OptionError, "says an instruction already"),
        ({"reference": "openai:m"}, SpecError, "answers texts; what is wanted here embeds texts"),
    ],
)
def test_what_cannot_be_is_said_with_what_to_do(tmp_path: Path, texts: Path, changes, error, told) -> None:
    with ChatServer() as server, pytest.raises(error, match=told):
        run(tmp_path, plan(tmp_path, texts, server, **changes))
    assert not server.requests


def test_a_model_that_refuses_everything_is_said_to_have_failed(tmp_path: Path, texts: Path) -> None:
    with (
        ChatServer(Manners(status=400), talker=sound) as server,
        pytest.raises(TargetError, match="refuses every text"),
    ):
        run(tmp_path, plan(tmp_path, texts, server))


@pytest.mark.slow
def test_its_failure_is_faded_by_files_and_the_proof_of_what_was_tuned_with_them(tmp_path: Path, texts: Path) -> None:
    with (
        pytest.MonkeyPatch.context() as patch,
        ChatServer(talker=shy_of_capitals) as server,
        ChatServer(talker=sound) as other,
    ):
        patch.setenv("OPENAI_API_KEY", KEY)
        run(tmp_path, plan(tmp_path, texts, server), [])
        audited = len(server.paid)
        assert fade(tmp_path, name="chat-target", failure="h1") == 0
        tuned = f"openai:tuned@url={other.url}"
        assert fade(tmp_path, "--tuned", tuned, name="chat-target", failure="h1") == 0
        bought = [request.key for request in server.paid[audited:]]
    written = tmp_path / "chat-target" / "faded" / "h1"
    examples = [json.loads(line) for line in (written / "fine_tuning.jsonl").read_text("ascii").splitlines()]
    assert len(examples) > 20
    assert all(each["messages"][0]["content"].startswith(INSTRUCTION) for each in examples)
    assert left_by(written).verdict is Verdict.EXPORTED
    (proof,) = (tmp_path / "chat-target" / "faded").glob("h1-tuned-*")
    assert left_by(proof).verdict is Verdict.FADED
    assert bought
    assert KEY not in "".join(path.read_text("utf-8", "replace") for path in written.rglob("*") if path.is_file())
