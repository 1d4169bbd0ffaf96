"""Callers of the MCP server for tests: a folder of audits, the owner's rules for it, and the protocol's own client."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
from mcp import Client
from mcp.types import CallToolResult

from faultfinder.agent.doors.door import Door, Rules
from faultfinder.agent.doors.mcp_server import build_server
from faultfinder.memory.records import Limits
from tests.support.audits import audit, corpus, settings

BLIND, SLOW = "python:tests.support.encoders:blind", "python:tests.support.encoders:slow"
PATIENCE = 400


def place_of_audits(place: Path) -> Path:
    """Leave a finished audit, `small`, in a folder of audits, and return what the folder is in."""
    audit(place / "audits", settings(place, limits=Limits(hypotheses=3)))
    return place


def rules_of(place: Path) -> Rules:
    """Return what the owner of a folder of audits allows."""
    return Rules(
        out=place / "audits",
        limits=Limits(minutes=5, hypotheses=2),
        targets=(BLIND, SLOW),
        corpora=(str(corpus(place)),),
        memory=str(place / "memory"),
    )


def within(rules: Rules, conversation: Callable[[Client], Awaitable[None]]) -> None:
    """Talk to a server in this process."""

    async def main() -> None:
        door = Door(rules)
        try:
            async with Client(build_server(door)) as client:
                await conversation(client)
        finally:
            await anyio.to_thread.run_sync(door.close)

    with_patience(main)


def with_patience(main: Callable[[], Awaitable[None]]) -> None:
    """Run a conversation, for so long and no longer."""

    async def bounded() -> None:
        with anyio.fail_after(PATIENCE):
            await main()

    anyio.run(bounded)


async def answer(client: Client, tool: str, **arguments: object) -> dict:
    """Return what a tool answers."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def complaint(client: Client, tool: str, **arguments: object) -> str:
    """Return what a tool says is wrong."""
    result: CallToolResult = await client.call_tool(tool, arguments)
    assert result.is_error
    return result.content[0].text
