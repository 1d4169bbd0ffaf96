"""Traces: what they say of steps, calls and experiments, what they never say, and how they reach a collector."""

import gzip
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="traces need the extra otel")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from faultfinder.agent import audit as audit_from_python
from faultfinder.agent import cli
from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.running.audits import Audit
from faultfinder.agent.running.tracing import ENDPOINT, traced
from faultfinder.memory.errors import TargetError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Case, Limits, Verdict
from tests.support.audits import CASES, GOAL, corpus, settings
from tests.support.encoders import blind
from tests.support.server import ChatServer, Manners

KEY = "sk-very-secret-0123456789"


def traces_of(place: Path, chosen: AuditSettings) -> tuple[list[ReadableSpan], list[str]]:
    """Run an audit with its spans kept in memory; return them and what was complained of."""
    exporter, complaints = InMemorySpanExporter(), []
    with (
        Audit.create(chosen, place / chosen.name) as begun,
        traced(begun, complaints.append, exporter) as watcher,
    ):
        begun.run(watchers=[watcher])
    return list(exporter.get_finished_spans()), complaints


def only(spans: list[ReadableSpan], beginning: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name.startswith(beginning)]


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[ReadableSpan], Path, ChatServer]:
    """The spans of an audit with a chat model proposing, one of whose requests fails and is sent again."""
    place = tmp_path_factory.mktemp("traced")
    with ChatServer(Manners(faults=("500",))) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", KEY)
        llm = {"llm": "openai:scripted", "llm_url": server.url, "limits": Limits(hypotheses=2)}
        spans, complaints = traces_of(place, settings(place, "lab:clip", corpus="lab", **llm))
    assert complaints == []
    return spans, place / "small", server


def test_every_span_lies_under_the_sittings_own(chat) -> None:
    spans = chat[0]
    (root,) = only(spans, "invoke_agent")
    assert root.parent is None
    assert {span.context.trace_id for span in spans} == {root.context.trace_id}
    ids = {span.context.span_id for span in spans}
    assert all(span.parent.span_id in ids for span in spans if span is not root)
    assert root.attributes["faultfinder.target"] == "lab:clip"
    assert root.attributes["faultfinder.spent.hypotheses"] == 2
    assert root.resource.attributes["service.name"] == "faultfinder"
    steps = Counter(span.name for span in only(spans, "step "))
    assert {"step brief", "step scout", "step tools", "step measure", "step judge", "step report"} <= set(steps)


def test_requests_to_the_chat_model_are_told_by_the_conventions_retries_too(chat) -> None:
    spans, _, server = chat
    requests = only(spans, "chat scripted")
    assert len(requests) == len(server.requests)
    assert all(span.kind is SpanKind.CLIENT for span in requests)
    assert {span.attributes["gen_ai.request.model"] for span in requests} == {"scripted"}
    assert {span.attributes["gen_ai.operation.name"] for span in requests} == {"chat"}
    (failed,) = [span for span in requests if span.status.status_code is StatusCode.ERROR]
    assert "Error" in failed.attributes["error.type"]
    answered = [span.attributes for span in requests if span is not failed]
    tokens = sum(one["gen_ai.usage.input_tokens"] + one["gen_ai.usage.output_tokens"] for one in answered)
    assert tokens == sum(request.tokens for request in server.paid)
    parents = {span.context.span_id: span.name for span in spans}
    assert {"step brief", "step experiment"} <= {parents[span.parent.span_id] for span in requests}


def test_tools_and_experiments_are_told_with_their_counts(chat) -> None:
    spans, folder, _ = chat
    tools = only(spans, "execute_tool ")
    assert tools
    assert all(span.attributes["gen_ai.tool.name"] == span.name.removeprefix("execute_tool ") for span in tools)
    with Ledger.open(folder / "audit.db") as ledger:
        verdicts = ledger.all(Verdict)
    told = {span.name.removeprefix("experiment "): span for span in only(spans, "experiment ")}
    assert set(told) == {verdict.id for verdict in verdicts}
    for verdict in verdicts:
        attributes = told[verdict.id].attributes
        assert attributes["faultfinder.decision"] == verdict.decision
        assert attributes["faultfinder.probes.fail"] == verdict.probes.fail
        assert attributes["faultfinder.control.n"] == verdict.control.n
        assert told[verdict.id].start_time < told[verdict.id].end_time


def test_no_text_and_no_key_is_in_a_span(chat) -> None:
    spans, folder, _ = chat
    said = "\n".join(span.to_json() for span in spans)
    with Ledger.open(folder / "audit.db") as ledger:
        texts = {text for case in ledger.all(Case) for text in (case.a, case.b)}
    assert texts
    assert not [text for text in texts if text in said]
    assert GOAL not in said
    assert KEY not in said


def test_an_error_is_told_by_its_kind_not_by_its_words(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    with (
        pytest.raises(TargetError),
        Audit.create(settings(tmp_path, "raising"), tmp_path / "small") as begun,
        traced(begun, print, exporter) as watcher,
    ):
        begun.run(watchers=[watcher])
    failed = [span for span in exporter.get_finished_spans() if span.status.status_code is StatusCode.ERROR]
    assert {span.attributes["error.type"] for span in failed} == {"TargetError"}
    assert "illegal memory access" not in "\n".join(span.to_json() for span in failed)


def test_a_sitting_that_goes_on_tells_only_its_own_experiments(tmp_path: Path) -> None:
    first, _ = traces_of(tmp_path, settings(tmp_path, limits=Limits(hypotheses=1)))
    exporter = InMemorySpanExporter()
    with (
        Audit.open(tmp_path / "small", limits=Limits(hypotheses=2)) as again,
        traced(again, print, exporter) as watcher,
    ):
        again.run(watchers=[watcher])
    before, after = only(first, "experiment "), only(list(exporter.get_finished_spans()), "experiment ")
    assert after
    assert not {span.name for span in before} & {span.name for span in after}


class Collector:
    """Receives OTLP over HTTP on the loopback address."""

    def __init__(self) -> None:
        self.spans: list = []
        self.headers: list[dict[str, str]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                packed = self.headers.get("Content-Encoding") == "gzip"
                request = ExportTraceServiceRequest.FromString(gzip.decompress(body) if packed else body)
                collector.headers.append({"path": self.path, **self.headers})
                for resource in request.resource_spans:
                    for scope in resource.scope_spans:
                        collector.spans += scope.spans
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    opened = Collector()
    yield opened
    opened.close()


def command(place: Path, *more: str) -> list[str]:
    size = ["--probes", str(CASES), "--controls", str(CASES), "--max-hypotheses", "1"]
    where = ["--out", str(place / "audits"), "--name", "one", "--memory", str(place / "memory")]
    target = ["--target", "python:tests.support.encoders:blind", "--corpus", str(corpus(place))]
    return ["audit", GOAL, *target, *size, *where, *more]


def run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    return ended.value.code


def test_the_command_line_sends_to_a_collector_when_asked_and_only_then(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ENDPOINT, collector.url)
    assert run(command(tmp_path / "quiet")) == 0
    assert collector.spans == []
    assert run(command(tmp_path, "--otel")) == 0
    assert "Warning" not in capsys.readouterr().err
    names = {span.name for span in collector.spans}
    assert {"invoke_agent faultfinder", "step judge", "experiment h1-1"} <= names
    assert {one["path"] for one in collector.headers} == {"/v1/traces"}
    assert run(["resume", "one", "--out", str(tmp_path / "audits"), "--max-hypotheses", "2", "--otel"]) == 0
    assert "experiment h2-1" in {span.name for span in collector.spans}


def test_a_collector_that_is_not_there_costs_the_traces_and_not_the_audit(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    collector.close()
    monkeypatch.setenv(ENDPOINT, collector.url.replace("//", "//user:secret@"))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    assert run(command(tmp_path, "--otel")) == 0
    said = capsys.readouterr()
    assert f"could not be delivered to {collector.url}" in said.err
    assert "secret" not in said.err
    assert "Traceback" not in said.err
    assert "Report: " in said.out


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (ENDPOINT, "somewhere", "'somewhere' is no address"),
        (ENDPOINT, "ftp://host", "no address"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "not 'grpc'"),
    ],
)
def test_an_environment_that_names_no_collector_is_a_message_and_leaves_nothing_behind(
    name: str,
    value: str,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)
    assert run(command(tmp_path, "--otel")) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.glob("audits/*"))


def test_a_python_program_sends_traces_too(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENDPOINT, collector.url)
    chosen = {"target": blind(), "corpus": corpus(tmp_path), "max_hypotheses": 1, "probes": CASES, "controls": CASES}
    heard: list[Event] = []
    audit_from_python(
        GOAL, **chosen, out=tmp_path, memory=tmp_path / "memory", name="py", otel=True, progress=heard.append
    )
    assert "invoke_agent faultfinder" in {span.name for span in collector.spans}
    assert EventKind.WARNING not in {event.kind for event in heard}
