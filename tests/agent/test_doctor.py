"""The doctor finds what is wrong, and says what to do about it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from faultfinder.agent import cli
from faultfinder.agent.command.doctor import Health, check_folder, check_offline, check_server, examine


class Models(BaseHTTPRequestHandler):
    """Answers `/v1/models`, asks for a key at `/locked/models`, and knows nothing else."""

    def do_GET(self) -> None:
        status = {"/v1/models": 200, "/locked/models": 401}.get(self.path, 404)
        self.send_response(status)
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay silent."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Models) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_a_server_is_asked_only_when_named(server: str) -> None:
    assert check_server(None).health is Health.OK
    assert check_server(f"{server}/v1").health is Health.OK
    assert check_server(f"{server}/v1/").health is Health.OK


@pytest.mark.parametrize(("path", "todo"), [("/locked", "OPENAI_API_KEY"), ("/elsewhere", "/v1")])
def test_a_server_that_refuses_is_a_warning_with_advice(server: str, path: str, todo: str) -> None:
    check = check_server(server + path)
    assert check.health is Health.WARN
    assert todo in check.todo


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "127.0.0.1:8080", "file:///etc/passwd", "http://"])
def test_a_server_out_of_reach_is_a_failure_with_advice(url: str) -> None:
    check = check_server(url)
    assert check.health is Health.FAIL
    assert check.todo


def test_a_folder_that_could_be_made_is_fine_and_is_not_made(tmp_path: Path) -> None:
    check = check_folder("audits", tmp_path / "not" / "there")
    assert check.health in (Health.OK, Health.WARN)
    assert list(tmp_path.iterdir()) == [tmp_path / "user"] or not list(tmp_path.iterdir())


def test_a_folder_below_a_file_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check = check_folder("audits", tmp_path / "file" / "audits")
    assert check.health is Health.FAIL
    assert check.todo


def test_whether_the_hub_may_be_asked_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE" in check_offline().text
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    assert "not needed" in check_offline().text


def test_everything_an_audit_needs_is_looked_at_and_works_here(tmp_path: Path) -> None:
    checks = {check.name: check for check in examine(tmp_path / "audits", None, None)}
    assert {
        "python", "torch", "chromadb", "langgraph", "targets", "audits folder", "failure memory", "cache", "network",
        "chat model", "chromium",
    } <= set(checks)  # fmt: skip
    assert not [check for check in checks.values() if check.health is Health.FAIL]
    assert all(check.todo for check in checks.values() if check.health is not Health.OK)


def test_the_command_fails_where_something_needed_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["doctor", "--out", str(tmp_path), "--llm-url", "http://127.0.0.1:9/v1"])
    assert ended.value.code == 1
    assert "fail  chat model" in capsys.readouterr().out
