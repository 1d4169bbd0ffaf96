"""The command that lets other agents in: `mcp`, a server of the Model Context Protocol."""

import importlib.util
import ipaddress
from typing import Annotated

import typer

from faultfinder.agent.command import options
from faultfinder.agent.command.audit import OUT
from faultfinder.agent.terminal.streams import err
from faultfinder.memory.errors import SpecError

ALLOWED, SERVED = "What callers may use", "How it is served"
LOOPBACK = "127.0.0.1"

Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        help="A model that may be audited, beside the lab's. May be repeated.",
        rich_help_panel=ALLOWED,
        show_default="the lab's only",
    ),
]
Corpora = Annotated[
    list[str] | None,
    typer.Option(
        "--corpus",
        help="A file of sentences that may be used, beside the lab's. May be repeated.",
        rich_help_panel=ALLOWED,
        show_default="the lab's only",
    ),
]
ChangedInputs = Annotated[
    list[str] | None,
    typer.Option(
        "--inputs",
        help="Inputs to be changed that may be used, beside the lab's. May be repeated.",
        rich_help_panel=ALLOWED,
        show_default="the lab's only",
    ),
]
PictureFolders = Annotated[
    list[str] | None,
    typer.Option(
        "--pictures",
        help="A folder of the pictures that a table or COCO file names. May be repeated.",
        rich_help_panel=ALLOWED,
        show_default="none",
    ),
]
LabelMaps = Annotated[
    list[str] | None,
    typer.Option(
        "--label-map",
        help="A CSV with the columns truth,label that may be used. May be repeated.",
        rich_help_panel=ALLOWED,
        show_default="none",
    ),
]
Http = Annotated[
    str | None,
    typer.Option(
        "--http",
        metavar="[HOST:]PORT",
        help="Serve over HTTP on this machine's own address, at /mcp, instead of stdin and stdout.",
        rich_help_panel=SERVED,
        show_default="stdin and stdout",
    ),
]
Minutes = Annotated[
    float, typer.Option("--max-minutes", min=0.01, help="Wall for every audit.", rich_help_panel=options.LIMITS)
]
Hypotheses = Annotated[
    int, typer.Option("--max-hypotheses", min=1, help="Wall for every audit.", rich_help_panel=options.LIMITS)
]


def mcp(
    out: options.Out = OUT,
    target: Targets = None,
    corpus: Corpora = None,
    inputs: ChangedInputs = None,
    pictures: PictureFolders = None,
    label_map: LabelMaps = None,
    memory: options.Memory = None,
    reference: options.Reference = None,
    llm: options.Llm = "offline",
    llm_url: options.LlmUrl = None,
    max_minutes: Minutes = 15,
    max_hypotheses: Hypotheses = 60,
    max_llm_calls: options.LlmCalls = None,
    max_tokens: options.Tokens = None,
    max_usd: options.Usd = None,
    max_images: options.Images = None,
    http: Http = None,
) -> None:
    """Let other agents audit and read what was found, over the Model Context Protocol.

    Callers get tools to start, watch and stop audits, to read findings, cases and reports, to search the failure
    memory, and to compare texts in a model's eyes. They reach the audits under --out and what is allowed here, nothing
    else; every audit has these limits. A client starts it by itself, given this command:

        faultfinder mcp --out DIR --target open_clip:ViT-B-32/openai --corpus FILE

    On this machine's own address, for several clients at once (http://127.0.0.1:8765/mcp):

        faultfinder mcp --http 8765
    """
    place = _place(http) if http else None
    _require_sdk()
    from faultfinder.agent.doors.door import Door, Rules
    from faultfinder.agent.doors.mcp_server import serve

    limits = options.limits(max_minutes, max_hypotheses, max_llm_calls, max_tokens, max_usd, max_images)
    rules = Rules(
        out=out,
        limits=limits,
        targets=tuple(target or ()),
        corpora=tuple(corpus or ()),
        inputs=tuple(inputs or ()),
        pictures=tuple(pictures or ()),
        label_maps=tuple(label_map or ()),
        memory=memory,
        reference=reference,
        llm=llm,
        llm_url=llm_url,
    )
    if place:
        err().print(f"Serving at http://{place[0]}:{place[1]}/mcp; Ctrl-C ends it", markup=False, soft_wrap=True)
    serve(Door(rules), place)


def _require_sdk() -> None:
    if importlib.util.find_spec("mcp") is None:
        raise SpecError("the MCP server needs the package mcp: pip install 'faultfinder[mcp]'")


def _place(http: str) -> tuple[str, int]:
    """Return host and port; only this machine's own addresses may be listened on, as there is no lock on the door."""
    host, _, port = http.rpartition(":")
    host = host.strip("[]") or LOOPBACK
    if not port.isdecimal() or not 1 <= int(port) <= 65_535:
        raise typer.BadParameter("give a port from 1 to 65535, such as 8765 or 127.0.0.1:8765", param_hint="--http")
    try:
        own = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        own = False
    if not own:
        raise typer.BadParameter(
            f"{host} is not this machine's own address (127.0.0.1, ::1, localhost); whoever reaches the server may use "
            "it, so put a proxy that asks who they are in front of it",
            param_hint="--http",
        )
    return host, int(port)
