"""Other programs may have inputs changed, too: each option described once for every door, defaults as in a shell."""

import asyncio
import inspect
import re
from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the MCP server needs the extra mcp")

from mcp import Client

from faultfinder.agent.command.audit import audit as command
from faultfinder.agent.doors.dev_server import AuditOptions
from faultfinder.agent.doors.door import Door, Rules
from faultfinder.agent.doors.mcp_server import build_server
from faultfinder.agent.doors.options import ChangeOptions
from faultfinder.memory.records import Limits
from tests.agent.test_dev_server import run_here
from tests.support.audits import findings_of
from tests.support.callers import answer, complaint, within
from tests.support.classifiers import discs

BLIND_IN_THE_DARK = "python:tests.support.classifiers:blind_in_the_dark"
GOAL = "does it fail in the dark?"
CHANGES = {"actions": "rotation,darkness=0.3:0.6:1:1.1", "queries": 160, "explorer": "thompson"}
IN_THE_DARK = "pictures at 0.3 to 0.6 times the brightness are answered wrongly"

ASKED_FOR_FIRST = {"people"}
"""Of a program nobody is asked unless it says so."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return discs(tmp_path_factory.mktemp("discs"))


def rules_of(place: Path, pictures: Path) -> Rules:
    return Rules(
        out=place / "audits",
        limits=Limits(minutes=5, hypotheses=2),
        targets=(BLIND_IN_THE_DARK,),
        inputs=(str(pictures),),
        memory=str(place / "memory"),
    )


def said_of(name: str, schema: dict) -> tuple[object, object]:
    said = schema["properties"][name]
    return said["description"], said.get("default")


def test_both_doors_describe_the_options_alike_and_default_to_what_the_command_line_does(tmp_path: Path) -> None:
    async def schema_of_the_tool() -> dict:
        door = Door(Rules(out=tmp_path, limits=Limits()))
        async with Client(build_server(door)) as client:
            return next(tool for tool in (await client.list_tools()).tools if tool.name == "audit").input_schema

    tool, studio = asyncio.run(schema_of_the_tool()), AuditOptions.model_json_schema()
    usual = inspect.signature(command).parameters
    for name, field in ChangeOptions.model_fields.items():
        assert said_of(name, tool) == said_of(name, studio) == (field.description, field.default)
        assert name in ASKED_FOR_FIRST or field.default == usual[name].default
    assert set(ChangeOptions.model_fields) >= {"inputs", "actions", "pictures", "label_map", "metric", "instruction"}
    assert set(ChangeOptions.model_fields) >= {"explorer", "queries", "small_steps", "ratings"}


def test_a_client_has_inputs_changed_and_reads_what_was_proven(tmp_path: Path, pictures: Path) -> None:
    chosen = {"goal": GOAL, "target": BLIND_IN_THE_DARK, "inputs": str(pictures), **CHANGES, "name": "dark"}

    async def talk(client: Client) -> None:
        state = await answer(client, "audit", **chosen, max_hypotheses=1, wait_seconds=300)
        assert (state["running"], state["error"]) == (False, None)
        assert state["confirmed"] == [IN_THE_DARK]
        allowed = await answer(client, "targets")
        assert allowed["inputs"] == ["lab", str(pictures)]

    within(rules_of(tmp_path, pictures), talk)
    (landscape,) = findings_of(tmp_path / "audits" / "dark").landscapes
    assert (landscape.explorer, landscape.queries) == ("thompson", 160)
    assert [axis.factor for axis in landscape.axes] == ["rotation", "darkness"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"inputs": "{place}/private.csv"}, "is not allowed on this server.*--inputs"),
        ({"inputs": "lab,{place}/private.csv"}, "private.csv' is not allowed on this server"),
        ({"pictures": "{place}"}, "is not allowed on this server; its owner allows none .--pictures"),
        ({"label_map": "{place}/map.csv"}, "is not allowed on this server.*--label-map"),
        ({"queries": 0}, "greater than or equal to 1"),
        ({"explorer": "nobody"}, "explorer"),
    ],
)
def test_files_are_the_owners_to_name_and_what_cannot_be_is_said(tmp_path: Path, pictures: Path, changes, says) -> None:
    asked = {name: value.format(place=tmp_path) if isinstance(value, str) else value for name, value in changes.items()}
    (tmp_path / "private.csv").write_text("path,label\n")

    async def talk(client: Client) -> None:
        chosen = {"goal": GOAL, "target": BLIND_IN_THE_DARK, "inputs": str(pictures), **asked}
        said = await complaint(client, "audit", **chosen, wait_seconds=60)
        assert re.search(says, said), said

    within(rules_of(tmp_path, pictures), talk)


def test_a_run_in_studio_has_inputs_changed_too(tmp_path: Path, pictures: Path) -> None:
    run_here(tmp_path, 1000, target=BLIND_IN_THE_DARK, goal=GOAL, inputs=str(pictures), corpus="lab", **CHANGES)
    (proven,) = findings_of(tmp_path / "audits" / "thread-here").findings
    assert proven.title == IN_THE_DARK
