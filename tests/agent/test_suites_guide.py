"""What docs/suites.md and its example tell people to type is what the command line takes."""

import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from faultfinder.agent import cli
from tests.support.suites import run, suite_of, write

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = [
    line
    for block in re.findall(r"```\n(.*?)```", (DOCS / "suites.md").read_text(), re.DOTALL)
    for line in block.splitlines()
]


def workflow() -> list[dict[str, object]]:
    read = yaml.safe_load((DOCS / "examples" / "faultfinder-check.yml").read_text())
    return list(read["jobs"]["check"]["steps"])


def step_that_checks() -> list[str]:
    (step,) = [step for step in workflow() if str(step.get("run", "")).startswith("faultfinder check")]
    return shlex.split(str(step["run"]))


@pytest.mark.parametrize("command", [*COMMANDS, shlex.join(step_that_checks())])
def test_every_command_of_the_guide_is_taken(command: str) -> None:
    program, name, *arguments = shlex.split(command)
    assert program == "faultfinder"
    group = typer.main.get_command(cli.app)
    chosen = group.commands[name]
    assert chosen.make_context(name, arguments).params["out"] == Path("audits")


def test_the_guide_has_the_commands() -> None:
    assert {shlex.split(command)[1] for command in COMMANDS} == {"check", "compare", "export"}


def test_the_workflow_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    Path("faultfinder").mkdir()
    Path("my_model.py").write_text("from tests.support.encoders import sound as encoder")
    _, *arguments = step_that_checks()
    suite = arguments[1]
    target = arguments[arguments.index("--target") + 1]
    baseline = arguments[arguments.index("--baseline") + 1]
    write(Path(suite), suite_of({"night/h1": ("f" * 20, "p" * 20)}))
    made = next(line for line in COMMANDS if baseline in line)
    first = run(*shlex.split(made)[1:])
    assert run(*arguments) == first, "the same model is neither better nor worse than itself"
    assert "none changed" in capsys.readouterr().out
    assert target in Path("faultfinder-check.json").read_text()
    assert Path("faultfinder-check.xml").read_text().startswith("<?xml")


def test_the_workflow_keeps_its_results_when_it_is_red() -> None:
    (kept,) = [step for step in workflow() if "upload-artifact" in str(step.get("uses", ""))]
    assert kept["if"] == "always()"
    written = {Path(word).name for word in step_that_checks() if Path(word).stem == "faultfinder-check"}
    assert written == {"faultfinder-check.json", "faultfinder-check.xml"}
