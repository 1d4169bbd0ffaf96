"""The command line: data on stdout, the rest on stderr, one message per mistake, no traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent import cli
from faultfinder.agent.assembly import open_memory
from faultfinder.agent.folder.names import checked_name, free_name, slug
from faultfinder.agent.report.outputs import write_outputs
from faultfinder.agent.running.audits import Audit
from faultfinder.memory.errors import AuditError
from faultfinder.tools.targets.lab import lab_world
from tests.support.sample_audit import FINISHED, KNOWN, SETTINGS, sample_ledger


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run every command in an empty folder, without colours, and give the interpreter's hook back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before = sys.excepthook
    yield
    sys.excepthook = before


def run(*arguments: str) -> int:
    """Run a command in this process and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def run_apart(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "faultfinder.agent.cli", *arguments],
        capture_output=True, text=True, timeout=120, check=False, env=os.environ | environment,
    )  # fmt: skip


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A finished audit in the folder where the command line looks."""
    folder = tmp_path / "audits" / SETTINGS.name
    folder.mkdir(parents=True)
    with sample_ledger(folder / "audit.db") as ledger:
        write_outputs(folder, ledger, SETTINGS, "max_hypotheses", lab_world(), (), FINISHED)
    return folder


def test_help_teaches_and_loads_nothing_heavy() -> None:
    heavy = ["torch", "open_clip", "chromadb", "langgraph", "langchain_core", "matplotlib", "scipy", "jinja2"]
    program = (
        "import sys; from faultfinder.agent.cli import main\n"
        "try: main(['audit', '--help'])\nexcept SystemExit: pass\n"
        f"print(sorted(set({heavy}) & set(sys.modules)), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert shown.stderr.strip() == "[]"
    for said in ("--max-usd", "--llm-url", "--agreement", "faultfinder audit", "Exit codes", "4 nothing was tested"):
        assert said in " ".join(shown.stdout.split())
    assert "\x1b" not in shown.stdout


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        "audit",
        "resume",
        "report",
        "review",
        "chat",
        "audits",
        "failures",
        "check",
        "compare",
        "export",
        "targets",
        "doctor",
        "mcp",
    ):
        assert run(command, "--help") == 0
        assert "Usage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["audit", "worry", "--name", "../elsewhere"], "cannot be an audit's name"),
        (["audit", "worry", "--name", "/tmp/elsewhere"], "cannot be an audit's name"),
        (["audit", "worry", "--corpus", "missing.txt"], "no such corpus"),
        (["audit", "worry", "--target", "nobody:knows"], "nobody"),
        (["resume", "nothing-here"], "no audit in"),
        (["resume", "../nothing"], "cannot be an audit's name"),
        (["report", "nothing-here"], "no audit in"),
        (["failures", "show", "none", "--memory", ":memory:"], "holds no failure 'none'"),
    ],
)
def test_a_mistake_is_one_message_and_exit_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert not list(tmp_path.glob("audits/*")), "a start that failed leaves no audit behind"


def test_a_goal_of_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "  ") == 2
    assert "say what worries you" in capsys.readouterr().err


def test_a_folder_in_the_way_is_a_message(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "audits").write_text("a file where the folder should be")
    assert run("audit", "worry", "--name", "one") == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_taken_name_suggests_what_to_do(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "worry", "--name", finished.name) == 2
    said = capsys.readouterr().err
    assert f"faultfinder resume {finished.name}" in said
    assert "--fresh" in said


def test_fresh_moves_the_old_audit_aside_and_deletes_nothing(finished: Path) -> None:
    before = (finished / "audit.db").read_bytes()
    assert run("audit", "worry", "--name", finished.name, "--fresh", "--corpus", "missing.txt") == 2
    assert (finished.parent / f"{finished.name}.old-1" / "audit.db").read_bytes() == before


def test_a_running_audit_is_not_moved_aside(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Audit.open(finished):
        assert run("audit", "worry", "--name", finished.name, "--fresh") == 2
    assert f"in use by process {os.getpid()}" in capsys.readouterr().err
    assert (finished / "audit.db").is_file()


def test_audits_are_listed_as_data(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (finished.parent / "broken").mkdir()
    (finished.parent / "broken" / "audit.db").write_text("this is no database")
    assert run("audits") == 0
    broken, whole = (line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert broken[0] == "broken"
    assert "unreadable" in broken[5]
    assert whole == [SETTINGS.name, "lab:clip", "3", "6", "1.5", "max_hypotheses", SETTINGS.goal]


def test_report_writes_the_outputs_again_as_they_were(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("report.html", "findings.json", "suite.jsonl")
    before = {name: (finished / name).read_bytes() for name in ("findings.json", "suite.jsonl")}
    for name in names[::2]:
        (finished / name).unlink()
    assert run("report", SETTINGS.name) == 0
    assert capsys.readouterr().out.strip() == str(Path("audits") / SETTINGS.name / "report.html")
    assert (finished / "report.html").is_file()
    assert {name: (finished / name).read_bytes() for name in before} == before


def test_report_of_an_audit_that_never_finished_says_so(finished: Path) -> None:
    (finished / "findings.json").unlink()
    assert run("report", SETTINGS.name) == 0
    assert '"stopped_by": "not finished"' in (finished / "findings.json").read_text()


def test_the_failure_memory_is_listed_searched_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(tmp_path / "memory")
    with open_memory(place, None) as memory:
        memory.add(KNOWN[0])
    row = ["0f3a", "lab:clip", "above and below are confused", "95 %", "last-week"]
    for arguments in ([], ["list"], ["search", "above", "below"]):
        assert run("failures", *arguments, "--memory", place) == 0
        assert capsys.readouterr().out.strip().split("\t") == row
    assert run("failures", "show", "0f3a", "--memory", place) == 0
    assert "83\u201399" in capsys.readouterr().out
    assert run("failures", "search", "--memory", place) == 2


def test_targets_are_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("targets") == 0
    assert "lab:clip" in [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]


def test_a_fault_of_our_own_is_one_line_a_log_and_exit_70(finished: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "webbrowser.py").write_text("def open(url): raise ZeroDivisionError('a browser from elsewhere')")
    shown = run_apart(
        "report", SETTINGS.name, "--open", PYTHONPATH=os.pathsep.join([str(broken), os.environ.get("PYTHONPATH", "")])
    )
    assert shown.returncode == 70
    assert len(shown.stderr.splitlines()) == 1
    assert "ZeroDivisionError: a browser from elsewhere" in shown.stderr
    (log,) = tmp_path.glob("state/**/*.log")
    assert "Traceback" in log.read_text()
    assert str(log) in shown.stderr


def test_debugging_shows_the_traceback_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTFINDER_DEBUG", "1")
    with pytest.raises(AuditError):
        cli.main(["resume", "nothing-here"])


@given(st.text(max_size=60))
def test_a_slug_is_always_a_name(goal: str) -> None:
    assert checked_name(slug(goal)) == slug(goal)


@given(st.text(max_size=20))
def test_no_accepted_name_leaves_its_folder(name: str) -> None:
    try:
        accepted = checked_name(name)
    except AuditError:
        return
    assert Path("out", accepted).resolve().parent == Path("out").resolve()


def test_names_made_from_goals_are_counted_up(tmp_path: Path) -> None:
    made = []
    for _ in range(3):
        made.append(free_name("Can it count?", tmp_path))
        (tmp_path / made[-1]).mkdir()
    assert made == ["can-it-count", "can-it-count-2", "can-it-count-3"]
