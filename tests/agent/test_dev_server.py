"""LangGraph's development server opens the loop by `langgraph.json`, runs an audit, and sends nothing anywhere."""

import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph_sdk import get_sync_client

from faultfinder.agent.doors.dev_server import RunFailed, audit_graph
from faultfinder.agent.graph import NODES
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.errors import AuditError
from faultfinder.memory.records import Limits
from tests.support.audits import ROOT, corpus, findings_of

PATIENCE = 400
MISSING = importlib.util.find_spec("langgraph_api") is None or importlib.util.find_spec("langgraph_cli") is None


class Sink:
    """A proxy that lets nothing through and counts who tried."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.asked: list[bytes] = []
        threading.Thread(target=self._refuse, daemon=True).start()

    def _refuse(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                self.asked.append(connection.recv(200))

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    opened = Sink()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[tuple[str, Path]]:
    """The server on a free port, with nothing but the proxy between it and the world; its address and folder."""
    if MISSING:
        pytest.skip("the development server needs the extra studio")
    place = tmp_path_factory.mktemp("dev")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = ["langgraph_cli", "dev", "--no-browser", "--no-reload", "--port", str(port), "--config"]
    with (place / "server.log").open("w") as log:
        served = subprocess.Popen(
            [sys.executable, "-m", *command, str(ROOT / "langgraph.json")],
            cwd=place, env=environment(place, sink), stdout=log, stderr=log,
        )  # fmt: skip
        try:
            wait_for(port, served, place / "server.log")
            yield f"http://127.0.0.1:{port}", place
        finally:
            served.terminate()
            served.wait(PATIENCE)


def environment(place: Path, sink: Sink) -> dict[str, str]:
    proxy = f"http://127.0.0.1:{sink.port}"
    proxies = {name: proxy for kind in ("http", "https", "all") for name in (f"{kind}_proxy", f"{kind.upper()}_PROXY")}
    none = dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
    paths = os.pathsep.join(path for path in (str(ROOT), os.environ.get("PYTHONPATH", "")) if path)
    user = {f"XDG_{folder}_HOME": str(place / "user") for folder in ("DATA", "CACHE", "STATE", "CONFIG")}
    return {**os.environ, **proxies, **none, **user, "PYTHONPATH": paths, "LANGGRAPH_CLI_NO_ANALYTICS": "1"}


def wait_for(port: int, served: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and served.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail(f"the server did not begin to listen:\n{log.read_text()[-2000:]}")


def test_the_graph_is_there_with_its_steps_and_what_can_be_asked_of_it(server) -> None:
    with get_sync_client(url=server[0]) as client:
        (assistant,) = client.assistants.search()
        assert assistant["graph_id"] == "audit"
        drawn = client.assistants.get_graph(assistant["assistant_id"])
        assert {node["id"] for node in drawn["nodes"]} == {*NODES, "__start__", "__end__"}
        schemas = client.assistants.get_schemas(assistant["assistant_id"])
    asked = schemas["context_schema"]["properties"]
    assert {"goal", "target", "corpus", "llm", "max_hypotheses"} <= set(asked)
    assert all(field["description"] for field in asked.values())
    assert {"messages", "testing", "stopped_by"} <= set(schemas["input_schema"]["properties"])


def test_a_run_audits_goes_on_where_it_met_its_limit_and_leaves_its_outputs(server, sink: Sink) -> None:
    url, place = server
    with get_sync_client(url=url) as client:
        thread = client.threads.create()["thread_id"]

        def run(**changes: object) -> list:
            asked = {"input": {"stopped_by": None}, "context": small(place, goal="sides?", **changes)}
            return [*client.runs.stream(thread, "audit", **asked, stream_mode=["updates", "custom"])]

        first = run()
        assert client.threads.get_state(thread)["values"]["stopped_by"] == "max_hypotheses"
        folder = place / "audits" / f"thread-{thread}"
        assert [finding.id for finding in findings_of(folder).findings] == ["h1"]
        assert (folder / "report.html").is_file()
        second = run(max_hypotheses=2)
        found = findings_of(folder)
    assert [finding.id for finding in found.findings] == ["h1", "h2"]
    assert found.budget.limits == Limits(hypotheses=2)
    steps = [next(iter(chunk.data)) for chunk in first if chunk.event == "updates"]
    assert steps[:2] == ["brief", "scout"]
    assert steps[-1] == "report"
    assert "brief" not in [next(iter(chunk.data)) for chunk in second if chunk.event == "updates"]
    assert "verdict" in [chunk.data["kind"] for chunk in first if chunk.event == "custom"]
    assert sink.asked == []


def test_a_wish_that_cannot_be_met_is_said_to_the_caller(server) -> None:
    url, place = server
    with get_sync_client(url=url) as client:
        thread = client.threads.create()["thread_id"]
        context = {"target": "nobody:knows", "out": str(place / "audits")}
        chunks = [*client.runs.stream(thread, "audit", input={"stopped_by": None}, context=context)]
    assert "names no target" in str(chunks[-1].data)


class Looked:
    """What a server says that only looks at the graph."""

    execution_runtime = None


class Asked:
    """What a server says that runs the graph for a caller."""

    def __init__(self, context: dict[str, object] | None) -> None:
        self.context = context

    @property
    def execution_runtime(self) -> "Asked":
        return self


def small(place: Path, **changes: object) -> dict[str, object]:
    return {
        "target": "python:tests.support.encoders:blind", "corpus": str(corpus(place)), "probes": 20, "controls": 20,
        "memory": str(place / "memory"), "out": str(place / "audits"), "max_hypotheses": 1, **changes,
    }  # fmt: skip


def run_here(place: Path, steps: int, **changes: object) -> list[dict]:
    """Run the graph as a server does, in this process, and leave after some steps."""
    config = {"configurable": {"thread_id": "here"}, "recursion_limit": 1000}

    async def main() -> list[dict]:
        async with audit_graph(config, Asked(small(place, **changes))) as wiring:
            taken = []
            async for step in wiring.compile(checkpointer=InMemorySaver()).astream({"stopped_by": None}, config):
                taken.append(step)
                if len(taken) == steps:
                    break
            return taken

    return asyncio.run(main())


def test_what_is_only_looked_at_opens_nothing_and_is_wired_alike(tmp_path: Path) -> None:
    async def main() -> dict:
        async with audit_graph({"configurable": {}}, Looked()) as outline:
            graph = outline.compile()
            with pytest.raises(AuditError, match="outline"):
                await graph.ainvoke({"stopped_by": None})
            return graph.get_graph().to_json()

    drawn = asyncio.run(main())
    assert {node["id"] for node in drawn["nodes"]} == {*NODES, "__start__", "__end__"}
    assert not list(tmp_path.glob("audits/*"))


def test_a_run_that_is_cut_short_leaves_a_report_of_what_is_known(tmp_path: Path) -> None:
    assert [next(iter(step)) for step in run_here(tmp_path, steps=2)] == ["brief", "scout"]
    folder = tmp_path / "audits" / "thread-here"
    assert findings_of(folder).audit.stopped_by == "not finished"
    with Audit.open(folder):
        pass  # nobody holds it any more


def test_a_run_to_the_end_writes_its_outputs_in_its_last_step(tmp_path: Path) -> None:
    taken = run_here(tmp_path, steps=1000)
    assert [*taken[-1]] == ["report"]
    found = findings_of(tmp_path / "audits" / "thread-here")
    assert (found.audit.stopped_by, len(found.findings)) == ("max_hypotheses", 1)


def test_errors_are_told_in_their_own_words(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="SpecError: 'nobody:knows' names no target"):
        run_here(tmp_path, steps=1, target="nobody:knows")
    with pytest.raises(RunFailed, match="TargetError: "):
        run_here(tmp_path / "raising", steps=9, target="python:tests.support.encoders:raising")
