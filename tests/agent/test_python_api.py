"""Audits from a Python program: the command line's options and findings, objects in place of specs, its own errors."""

import ast
import dataclasses
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from faultfinder.agent import audit, fade, resume
from faultfinder.agent.command import audit as cli_audit
from faultfinder.agent.command import fade as cli_fade
from faultfinder.agent.command import options as cli_options
from faultfinder.agent.doors.result import AuditResult, read_result
from faultfinder.agent.events import Event, EventKind
from faultfinder.agent.report.findings import Status
from faultfinder.memory.errors import AuditError, CorpusError, FaultfinderError, OptionError, SpecError, TargetError
from tests.support.audits import CASES, GOAL, ROOT, corpus, findings_of, statuses, timeless
from tests.support.audits import audit as run_audit
from tests.support.audits import settings as settings_of
from tests.support.encoders import blind, raising, sentences, sound
from tests.support.painters import one_fewer, truthful


def small(place: Path, **changes: object) -> AuditResult:
    """Audit the blind encoder, handed over as an object, on a small corpus."""
    chosen = {
        "target": blind(), "corpus": corpus(place), "probes": CASES, "controls": CASES, "memory": place / "memory",
        "out": place / "audits", "name": "small", "people": "none", **changes,
    }  # fmt: skip
    return audit(GOAL, **chosen)


def options(function: object) -> dict[str, object]:
    """Return the options of a function with their defaults, paths and choices as plain values."""
    parameters = inspect.signature(function).parameters.values()
    usual = {parameter.name: parameter.default for parameter in parameters}
    plain = {Path: str, cli_options.PeoplePolicy: lambda policy: policy.value}
    return {name: next((to(v) for kind, to in plain.items() if isinstance(v, kind)), v) for name, v in usual.items()}


def test_the_options_and_their_defaults_are_those_of_the_command_line() -> None:
    command, function = options(cli_audit.audit), options(audit)
    assert command.pop("detach") is False  # a program has threads and processes of its own
    assert {name: function[name] for name in command} == command
    assert set(function) - set(command) == {"progress"}
    again, go_on = options(cli_audit.resume), options(resume)
    assert again.pop("detach") is False
    assert {name: go_on[name] for name in again} == again
    assert set(go_on) - set(again) == {"progress", "target", "reference", "downstream"}
    faded, fades = options(cli_fade.fade), options(fade)
    assert {name: fades[name] for name in faded} == faded
    assert set(fades) - set(faded) == {"progress"}


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = ["torch", "numpy", "chromadb", "langgraph", "langchain_core", "matplotlib", "scipy", "typer", "rich"]
    program = f"import sys; from faultfinder.agent import audit; print(sorted(set({heavy}) & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert shown.stdout.strip() == "[]"


def test_an_object_is_audited_as_its_spec_is_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    heard: list[Event] = []
    result = small(tmp_path, progress=heard.append)
    assert capfd.readouterr() == ("", "")
    named = run_audit(tmp_path, settings_of(tmp_path))
    assert statuses(result.content) == statuses(named)
    assert result.content.audit.target == "object:blind"
    assert {EventKind.STAGE, EventKind.VERDICT, EventKind.FOUND} <= {event.kind for event in heard}
    assert all(failure.target == "object:blind" for failure in _remembered(tmp_path / "memory") if failure.audits)


def _remembered(place: Path, reference: str | None = None) -> list:
    from faultfinder.agent.assembly import open_memory

    with open_memory(str(place), reference) as memory:
        return [failure for failure in memory.all() if "object" in failure.target]


def test_a_result_says_what_was_found_where_it_is_and_what_it_cost(tmp_path: Path) -> None:
    result = small(tmp_path, max_hypotheses=2)
    assert result.folder == tmp_path / "audits" / "small"
    assert (result.name, result.stopped_by, len(result)) == ("small", "max_hypotheses", 2)
    assert result.report.is_file()
    assert result.suite.is_file()
    assert [*result] == [*result.findings]
    assert all(finding.status is Status.CONFIRMED for finding in result.confirmed)
    assert result.confirmed
    assert result.spent.hypotheses == 2
    assert result.alarms == ()
    assert "Report: " in str(result)
    assert repr(result) == f"<AuditResult small: {len(result.confirmed)} confirmed of 2 tested>"
    assert read_result(result.folder) == result
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.folder = tmp_path


def test_a_notebook_is_shown_a_table_in_which_texts_stay_texts(tmp_path: Path) -> None:
    encoder = blind()
    encoder.name = "<script>alert(1)</script>"
    result = small(tmp_path, target=encoder, max_hypotheses=1)
    shown = result._repr_html_()
    assert shown.count("<tr>") == 1 + len(result)
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "faultfinder.agent.audit(" in result.report.read_text()


def test_texts_are_kept_with_the_audit_and_an_audit_of_objects_goes_on_with_them_alone(tmp_path: Path) -> None:
    texts = sentences(1200)
    handed = small(tmp_path, corpus=(text for text in texts), max_hypotheses=2)
    named = run_audit(tmp_path, settings_of(tmp_path, name="named"))
    assert (handed.folder / "corpus.jsonl").read_text().count("\n") == len(texts)
    for wrong, says in (({}, "go on with it there"), ({"target": sound()}, "object:blind, not object:sound")):
        with pytest.raises(SpecError, match=says):
            resume("small", out=tmp_path / "audits", **wrong)
    whole = resume("small", out=tmp_path / "audits", target=blind(), max_hypotheses=1000)
    assert set(statuses(whole.content)) == set(statuses(named))
    before = timeless(whole.folder)["findings"]
    assert resume("small", out=tmp_path / "audits", target=blind()).confirmed == whole.confirmed
    assert timeless(whole.folder)["findings"] == before


def test_a_reference_can_be_an_object_too(tmp_path: Path) -> None:
    result = small(tmp_path, reference=sound(), max_hypotheses=1)
    assert result.content.audit.reference == "object:sound"
    assert any(case.reference_similarity is not None for finding in result for case in finding.cases)
    assert _remembered(tmp_path / "memory", "object:sound"), "the memory opens without the object"
    with pytest.raises(SpecError, match="go on with it there"):
        resume("small", out=tmp_path / "audits", target=blind())


def test_a_generator_can_be_an_object_too(tmp_path: Path) -> None:
    result = small(tmp_path, target=one_fewer(), corpus="lab", max_hypotheses=1, probes=10, controls=10)
    assert result.content.audit.target == "object:one fewer"
    assert result.spent.images > 0
    assert any(case.painted_a for finding in result for case in finding.cases)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"probes": 0}, OptionError, "probes=0"),
        ({"seed": -1}, OptionError, "seed=-1"),
        ({"agreement": 1.5}, OptionError, "agreement=1.5"),
        ({"max_hypotheses": 0}, OptionError, "max_hypotheses=0"),
        ({"max_usd": "ten"}, OptionError, "max_usd='ten'"),
        ({"people": "maybe"}, OptionError, "people='maybe'"),
        ({"target": object()}, SpecError, "an object with an attribute `name`"),
        ({"target": "nobody:knows"}, SpecError, "names no target"),
        ({"target": "object:blind"}, SpecError, "is an object of a Python program"),
        ({"target": raising()}, TargetError, "CUDA error"),
        ({"reference": truthful()}, SpecError, "does not embed texts"),
        ({"downstream": sound()}, SpecError, "does not paint"),
        ({"corpus": ["too", "few"]}, CorpusError, "2 usable texts"),
        ({"corpus": ["a", 2]}, CorpusError, "text 1 of the corpus is a int"),
        ({"corpus": 7}, CorpusError, "give 'lab', a file, or a list of texts"),
        ({"corpus": "missing.txt"}, CorpusError, "no such corpus"),
        ({"name": "../elsewhere"}, AuditError, "cannot be an audit's name"),
    ],
)
def test_a_mistake_is_an_error_of_the_projects_own_and_leaves_nothing_behind(
    changes: dict[str, object], error: type[FaultfinderError], says: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=says):
        small(tmp_path, **changes)
    assert not list(tmp_path.glob("audits/*"))


def test_a_goal_of_nothing_and_a_name_that_is_taken_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="say what worries you"):
        audit("  ", out=tmp_path)
    first = small(tmp_path, max_hypotheses=1)
    with pytest.raises(AuditError, match="holds an audit already"):
        small(tmp_path)
    small(tmp_path, max_hypotheses=1, fresh=True)
    assert findings_of(first.folder.with_name("small.old-1")) == first.content


NOTEBOOK = ROOT / "docs" / "python-api.ipynb"


def test_the_notebook_runs_as_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every cell is run in order; one that ends in an expression shows its value, as a notebook does."""
    monkeypatch.chdir(tmp_path)
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {"__name__": "notebook"}
    for cell in cells:
        shown = run_cell("".join(cell["source"]), names)
        expected = {key for output in cell["outputs"] for key in output.get("data", {})}
        assert (shown is not None) == bool(expected)
        assert hasattr(shown, "_repr_html_") == ("text/html" in expected)
        assert bool(capsys.readouterr().out) == any(output["output_type"] == "stream" for output in cell["outputs"])
    assert (tmp_path / "audits" / "notebook" / "report.html").is_file()
    assert names["own"].confirmed


def run_cell(source: str, names: dict[str, object]) -> object:
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(")") else None
    exec(compile(tree, str(NOTEBOOK), "exec"), names)
    return eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names) if last else None


def test_the_notebook_shows_real_outputs_of_no_machine_in_particular() -> None:
    text = NOTEBOOK.read_text()
    assert len(text) < 20_000
    outputs = [output for cell in json.loads(text)["cells"] for output in cell.get("outputs", [])]
    assert len(outputs) >= 4
    assert not [output for output in outputs if output.get("name") == "stderr" or output["output_type"] == "error"]
    assert not re.search(r"[\"'(]/\w+/", json.dumps(outputs))
