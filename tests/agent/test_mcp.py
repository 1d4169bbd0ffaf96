"""The server that lets other agents in, through the protocol's own client: in this process, over stdio, over HTTP."""

import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the MCP server needs the extra mcp")

import anyio
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from faultfinder.agent import cli
from faultfinder.agent.doors.door import Rules
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Limits
from tests.support.audits import ROOT, findings_of, statuses
from tests.support.callers import (
    BLIND,
    PATIENCE,
    SLOW,
    answer,
    complaint,
    place_of_audits,
    rules_of,
    with_patience,
    within,
)

TOOLS = {
    "audit", "resume", "wait", "stop", "audits", "findings", "cases", "report", "failures", "targets", "compare_texts",
    "check", "chat",
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of audits with a finished one, and what is beside it."""
    return place_of_audits(tmp_path_factory.mktemp("mcp"))


@pytest.fixture
def rules(place: Path) -> Rules:
    return rules_of(place)


def server_command(rules: Rules, *more: str) -> list[str]:
    named = [word for spec in rules.targets for word in ("--target", spec)]
    allowed = [*named, "--corpus", rules.corpora[0], "--max-hypotheses", "2", "--memory", rules.memory]
    return ["-m", "faultfinder.agent.cli", "mcp", "--out", str(rules.out), *allowed, *more]


def environment() -> dict[str, str]:
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def test_a_client_over_stdio_audits_and_reads_what_was_found(rules: Rules, place: Path) -> None:
    told: list[tuple[float, str]] = []

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message or ""))

    async def main() -> None:
        parameters = StdioServerParameters(command=sys.executable, args=server_command(rules), env=environment())
        async with Client(stdio_client(parameters)) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
            begun = await client.call_tool(
                "audit",
                {
                    "goal": "sides?",
                    "target": BLIND,
                    "corpus": rules.corpora[0],
                    "name": "by-stdio",
                    "wait_seconds": 300,
                },
                progress_callback=heard,
            )
            state = begun.structured_content
            assert (state["running"], state["error"], state["stopped_by"]) == (False, None, "max_hypotheses")
            found = await answer(client, "findings", name="by-stdio", status="confirmed")
            assert [one["title"] for one in found["findings"]] == state["confirmed"]
            where = await answer(client, "report", name="by-stdio")
            page = await client.read_resource(where["resources"][0])
            assert page.contents[0].text == Path(where["report"]).read_text()
            assert page.contents[0].mime_type == "text/html"

    with_patience(main)
    counts = [progress for progress, _ in told]
    assert counts == sorted(set(counts))
    assert any("scouting" in message for _, message in told)
    kept = findings_of(place / "audits" / "by-stdio")
    assert kept.budget.limits == Limits(minutes=15, hypotheses=2)


def test_a_client_over_http_reads_and_other_hosts_are_refused(rules: Rules) -> None:
    port = _free_port()
    command = [sys.executable, *server_command(rules, "--http", str(port))]
    served = subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True)
    try:
        _wait_for(port)

        async def main() -> None:
            async with Client(streamable_http_client(f"http://127.0.0.1:{port}/mcp")) as client:
                listed = await answer(client, "audits")
                assert "small" in [state["name"] for state in listed["audits"]]

        with_patience(main)
        assert _status(port, "faultfinder.example") in (400, 403, 421)
    finally:
        served.terminate()
        said = served.communicate(timeout=PATIENCE)[1]
    assert f"http://127.0.0.1:{port}/mcp" in said
    assert "Traceback" not in said


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the server did not begin to listen")


def _status(port: int, host: str) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("POST", "/mcp", b"{}", {"Host": host, "Content-Type": "application/json"})
        return connection.getresponse().status


def test_what_was_found_is_read_as_data(rules: Rules, place: Path) -> None:
    whole = findings_of(place / "audits" / "small")

    async def talk(client: Client) -> None:
        found = await answer(client, "findings", name="small")
        assert [one["id"] for one in found["findings"]] == [one.id for one in whole.findings]
        first = whole.findings[0]
        failed = [case for case in first.cases if case.outcome == "fail" and case.role == "probe"]
        page = await answer(
            client, "cases", name="small", finding=first.id, role="probe", outcome="fail", offset=1, most=3
        )
        assert page["total"] == len(failed)
        assert [case["a"] for case in page["cases"]] == [case.a for case in failed[1:4]]
        assert "never follow" in page["remark"]
        known = await answer(client, "failures", query="left and right", most=3)
        assert known["failures"][0]["title"] in {one.title for one in whole.findings}
        assert len((await answer(client, "failures"))["failures"]) >= len(known["failures"])
        allowed = await answer(client, "targets")
        assert allowed["allowed"] == ["lab:NAME", BLIND, SLOW]
        templates = (await client.list_resource_templates()).resource_templates
        assert len(templates) == 3

    within(rules, talk)


def test_texts_are_compared_in_a_models_eyes(rules: Rules) -> None:
    pair = {"a": "a red circle left of a blue square", "b": "a red circle right of a blue square"}
    apart = {"a": "a dog on the left", "b": "a cat in the garden"}

    async def talk(client: Client) -> None:
        blind = await answer(client, "compare_texts", target=BLIND, pairs=[pair, apart])
        assert [row["agrees"] for row in blind["pairs"]] == [True, False]
        exact = await answer(client, "compare_texts", target="lab:oracle", pairs=[pair])
        assert not exact["pairs"][0]["agrees"]
        assert exact["pairs"][0]["meaning"] == "different"
        assert "not empty" in await complaint(client, "compare_texts", target=BLIND, pairs=[{"a": " ", "b": "b"}])

    within(rules, talk)


def test_nothing_beside_the_audits_and_what_is_allowed_can_be_reached(rules: Rules, place: Path) -> None:
    (place / "secret" / "images").mkdir(parents=True, exist_ok=True)
    (place / "secret" / "report.html").write_text("secret")
    (place / "audits" / "link").symlink_to(place / "secret")

    async def talk(client: Client) -> None:
        for name in ("../secret", "..", "/etc", "a/b", "link"):
            assert "audit" in await complaint(client, "findings", name=name)
            assert "Error" in await complaint(client, "report", name=name)
        for uri in ("..%2Fsecret/report.html", "link/report.html", "small/audit.db", "small/..%2F..%2Fsecret"):
            with pytest.raises(MCPError):
                await client.read_resource(f"faultfinder://audits/{uri}")
        refused = (
            ({"target": "python:os:abort"}, "'python:os:abort' is not allowed"),
            ({"corpus": str(place / "secret" / "report.html")}, "is not allowed on this server"),
            ({"name": "../elsewhere"}, "cannot be an audit's name"),
            ({"name": "small"}, "holds an audit already"),
            ({"goal": " "}, "say what worries you"),
            ({"texts": ["x"] * 20_001}, "more than the 20,000"),
        )
        for changes, says in refused:
            assert says in await complaint(client, "audit", **{"goal": "x", "target": BLIND, **changes})
        assert "is not allowed" in await complaint(
            client, "compare_texts", target="vectors:x.npz", pairs=[{"a": "a", "b": "b"}]
        )
        assert "has no finding 'h99'" in await complaint(client, "cases", name="small", finding="h99")
        assert "this server has not run" in await complaint(client, "wait", name="small")
        assert "no audit in" in await complaint(client, "resume", name="nothing")

    within(rules, talk)
    (place / "audits" / "link").unlink()


def test_a_caller_may_leave_come_back_stop_and_go_on(rules: Rules, place: Path) -> None:
    chosen = {"goal": "sides?", "target": SLOW, "corpus": rules.corpora[0], "name": "slow"}

    async def talk(client: Client) -> None:
        state = await answer(client, "audit", **chosen, wait_seconds=0)
        assert state["running"]
        assert "is running" in await complaint(client, "audit", **{**chosen, "name": "second"})
        assert "no report yet" in await complaint(client, "report", name="slow")
        await answer(client, "stop", name="slow")
        state = await answer(client, "wait", name="slow", wait_seconds=300)
        assert (state["running"], state["stopped_by"]) == (False, "interrupted")
        state = await answer(client, "resume", name="slow", max_hypotheses=1, wait_seconds=300)
        assert (state["running"], state["stopped_by"]) == (False, "max_hypotheses")
        assert state["spent"]["hypotheses"] == 1
        assert Path((await answer(client, "report", name="slow"))["report"]).is_file()

    within(rules, talk)
    with Ledger.open(place / "audits" / "slow" / "audit.db") as ledger:
        assert ledger.all(AuditSettings)[0].limits == Limits(minutes=5, hypotheses=2)


def test_who_cancels_the_call_that_set_an_audit_going_stops_it_in_order(rules: Rules) -> None:
    async def talk(client: Client) -> None:
        chosen = {"goal": "sides?", "target": SLOW, "corpus": rules.corpora[0], "name": "cancelled"}
        with anyio.CancelScope() as scope:

            async def heard(*_: object) -> None:
                scope.cancel()

            await client.call_tool("audit", {**chosen, "wait_seconds": 300}, progress_callback=heard)
        assert scope.cancelled_caught
        state = await answer(client, "wait", name="cancelled", wait_seconds=300)
        assert (state["running"], state["stopped_by"]) == (False, "interrupted")

    within(rules, talk)


def test_closing_stops_what_is_running_in_order(rules: Rules, place: Path) -> None:
    async def talk(client: Client) -> None:
        await answer(
            client, "audit", goal="sides?", target=SLOW, corpus=rules.corpora[0], name="left-alone", wait_seconds=0
        )

    within(rules, talk)
    assert findings_of(place / "audits" / "left-alone").audit.stopped_by == "interrupted"


def test_texts_of_the_callers_own_are_audited_and_a_failed_start_says_why(rules: Rules, place: Path) -> None:
    from tests.support.encoders import sentences

    async def talk(client: Client) -> None:
        few = await client.call_tool("audit", {"goal": "x", "target": BLIND, "texts": ["a", "b"], "name": "few"})
        assert few.is_error
        assert "2 usable texts" in few.content[0].text
        state = await answer(
            client,
            "audit",
            goal="x",
            target=BLIND,
            texts=sentences(1200),
            name="own",
            max_hypotheses=1,
            wait_seconds=300,
        )
        assert state["stopped_by"] == "max_hypotheses"

    within(rules, talk)
    assert not (place / "audits" / "few").exists()
    assert statuses(findings_of(place / "audits" / "own"))


@pytest.mark.parametrize("http", ["0.0.0.0:8765", "example.org:80", "127.0.0.1", "127.0.0.1:99999", "[::]:80"])
def test_only_this_machines_own_address_is_listened_on(http: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["mcp", "--http", http])
    assert ended.value.code == 2
    assert "--http" in capsys.readouterr().err
