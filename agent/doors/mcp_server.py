"""The door as a server of the Model Context Protocol: its tools, its resources, and two ways to serve them.

Everything a tool does is `Door`'s; here it gets the names, schemas and words that a calling model sees. A further tool
is one more function of `Tools` and its line in `functions`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.metadata import version
from inspect import iscoroutinefunction
from typing import Annotated, ParamSpec, TypeVar

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from faultfinder.agent.doors import options
from faultfinder.agent.doors.door import MOST_FAILURES, Door
from faultfinder.agent.doors.records import (
    REMARK,
    Answer,
    AuditList,
    AuditState,
    CaseList,
    Checked,
    Comparison,
    FailureList,
    FindingList,
    ReportPlace,
    TargetList,
)
from faultfinder.agent.doors.runs import Run
from faultfinder.agent.doors.shelf import MOST_CASES
from faultfinder.agent.report.findings import Status
from faultfinder.agent.report.outputs import FINDINGS, REPORT, SUITE
from faultfinder.memory.errors import FaultfinderError
from faultfinder.memory.records import Limits, Outcome, Role, TextPair

SCHEME = "faultfinder://audits/"
LOOK_SECONDS = 0.2
PATH = "/mcp"
KINDS = {REPORT: "text/html", FINDINGS: "application/json", SUITE: "application/jsonl"}
ABOUT = {
    REPORT: "an audit's report for people, a page that stands on its own",
    FINDINGS: "all that an audit found, with every case (schema faultfinder.findings/1)",
    SUITE: "the probes of an audit's confirmed failures, one a line",
}

INSTRUCTIONS = f"""Faultfinder audits multimodal models. Give `audit` a worry in a sentence and a target; it comes back
with the systematic failures it could prove on fresh inputs, with counts, intervals and controls. An audit takes
minutes: `audit` reports progress, and returns early when it is still running; then call `wait`. `findings` sums up,
`cases` shows the evidence, `chat` answers questions about it, `report` says where the page for people is, `check` asks
another model the same cases. Only what is `confirmed` was proven. {REMARK}"""

USUAL = options.ChangeOptions()

P = ParamSpec("P")
R = TypeVar("R")

Name = Annotated[str, Field(description="the audit's name, as `audits` lists it")]
Seconds = Annotated[float, Field(ge=0, le=3600, description="how long to wait for the end before returning")]
Minutes = Annotated[float | None, Field(ge=0.01, description="limit; the server's owner has a limit too")]
Hypotheses = Annotated[int | None, Field(ge=1, description="limit on the hypotheses tested; fewer is quicker")]


class Tools:
    """What a calling model may do. The docstrings are written for it."""

    def __init__(self, door: Door) -> None:
        """Bind the tools to a door."""
        self._door = door

    def functions(self) -> dict[Callable[..., object], ToolAnnotations]:
        """Return the tools, each with what a client should know before it calls."""
        reads = ToolAnnotations(read_only_hint=True, open_world_hint=False)
        acts = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
        reading = (self.audits, self.findings, self.cases, self.report, self.failures, self.targets)
        acting = (self.audit, self.resume, self.wait, self.stop)
        measuring = (self.compare_texts, self.check)
        return {**dict.fromkeys((*acting, self.chat), acts), **dict.fromkeys((*reading, *measuring), reads)}

    async def audit(
        self,
        goal: Annotated[str, Field(description="what worries you: 'does it understand where things are?'")],
        ctx: Context,
        target: Annotated[str, Field(description="spec of the model; `targets` says what is allowed")] = "lab:clip",
        corpus: Annotated[str, Field(description="where sentences come from; `targets` says what is allowed")] = "lab",
        texts: Annotated[
            list[str] | None, Field(description="sentences of your own in place of a corpus, 100 or more")
        ] = None,
        inputs: options.Inputs = USUAL.inputs,
        actions: options.Actions = USUAL.actions,
        pictures: options.PictureFolder = USUAL.pictures,
        label_map: options.LabelMap = USUAL.label_map,
        metric: options.Metric = USUAL.metric,
        instruction: options.Instruction = USUAL.instruction,
        explorer: options.Explorer = USUAL.explorer,
        queries: options.Queries = USUAL.queries,
        small_steps: options.SmallSteps = USUAL.small_steps,
        people: options.People = USUAL.people,
        ratings: options.Ratings = USUAL.ratings,
        seed: Annotated[int, Field(ge=0, description="the same seed gives the same findings")] = 0,
        max_hypotheses: Hypotheses = None,
        max_minutes: Minutes = None,
        name: Annotated[str | None, Field(description="a name for it; made from the goal when left out")] = None,
        wait_seconds: Seconds = 50,
    ) -> AuditState:
        """Audit a model: find its systematic failures, and prove them on fresh inputs. Takes minutes.

        With `inputs`, or a goal about conditions such as darkness, inputs are changed and the model is asked about
        them; `targets` says which may be named.

        Returns when the audit has ended or `wait_seconds` are over; then it goes on, and `wait` waits further.
        Cancelling the call stops the audit in order; `resume` goes on.
        """
        limits = Limits(minutes=max_minutes, hypotheses=max_hypotheses)
        source = corpus if texts is None else texts
        changes = options.ChangeOptions(
            inputs=inputs,
            actions=actions,
            pictures=pictures,
            label_map=label_map,
            metric=metric,
            instruction=instruction,
            explorer=explorer,
            queries=queries,
            small_steps=small_steps,
            people=people,
            ratings=ratings,
        )
        with _told(ToolError):
            run = await anyio.to_thread.run_sync(self._door.begin, goal, target, source, seed, name, limits, changes)
        return await self._see_through(run, ctx, wait_seconds)

    async def resume(
        self,
        name: Name,
        ctx: Context,
        max_hypotheses: Hypotheses = None,
        max_minutes: Minutes = None,
        wait_seconds: Seconds = 50,
    ) -> AuditState:
        """Go on with an audit that was stopped, killed or met a limit. What it spent before counts.

        Give the limit that stopped it a higher value. Returns as `audit` does.
        """
        limits = Limits(minutes=max_minutes, hypotheses=max_hypotheses)
        with _told(ToolError):
            run = await anyio.to_thread.run_sync(self._door.resume, name, limits)
        return await self._see_through(run, ctx, wait_seconds)

    async def wait(self, name: Name, ctx: Context, wait_seconds: Seconds = 50) -> AuditState:
        """Wait for the end of an audit that is running; returns how it stands then."""
        with _told(ToolError):
            run = self._door.shelf.run(name)
        return await self._watch(run, ctx, wait_seconds)

    def stop(self, name: Name) -> AuditState:
        """Ask a running audit to stop after the step in hand, with a report of what is known; `wait` sees it end."""
        self._door.shelf.run(name).stop()
        return self._door.shelf.state(name)

    def audits(self) -> AuditList:
        """List the audits that there are, with how each stands."""
        return self._door.shelf.audits()

    def findings(
        self, name: Name, status: Annotated[Status | None, Field(description="only these; all when left out")] = None
    ) -> FindingList:
        """Say what an audit found, with counts, intervals and p-values: confirmed first, then refuted, then open."""
        return self._door.shelf.findings(name, status)

    def cases(
        self,
        name: Name,
        finding: Annotated[str, Field(description="id of the hypothesis, such as 'h3'")],
        role: Annotated[Role | None, Field(description="only probes, or only controls")] = None,
        outcome: Annotated[Outcome | None, Field(description="only cases that ended so")] = None,
        offset: Annotated[int, Field(ge=0, description="number of the first case")] = 0,
        most: Annotated[int, Field(ge=1, le=MOST_CASES, description="cases to return")] = 20,
    ) -> CaseList:
        """Show the cases behind a finding: both texts, what was measured, how each ended."""
        return self._door.shelf.cases(name, finding, role, outcome, offset, most)

    def report(self, name: Name) -> ReportPlace:
        """Say where an audit's report for people, its findings.json and its suite are, as paths and as resources."""
        return self._door.shelf.report(name, SCHEME)

    def failures(
        self,
        query: Annotated[str | None, Field(description="what to look for; lists all when left out")] = None,
        most: Annotated[int, Field(ge=1, le=MOST_FAILURES, description="failures to return")] = 10,
    ) -> FailureList:
        """Search the memory of failures that audits have proven, of any target, by meaning."""
        return self._door.failures(query, most)

    def targets(self) -> TargetList:
        """Say which models and corpora may be named here."""
        return self._door.targets()

    def compare_texts(
        self,
        target: Annotated[str, Field(description="spec of a model that embeds texts")],
        pairs: Annotated[list[TextPair], Field(description="pairs of texts", min_length=1)],
    ) -> Comparison:
        """Measure how near a model places the two texts of each pair, and whether it takes them for rewordings.

        A pair that agrees although it means different things hints at a failure; only an audit proves one.
        """
        return self._door.compare(target, pairs)

    def check(
        self, name: Name, target: Annotated[str, Field(description="spec of the model or version to ask")]
    ) -> Checked:
        """Ask a model the cases of the failures that an audit of an encoder proved: are they fixed, do they still fail?

        What an audit proved of one model says nothing of what else another fails at; only an audit of that one does.
        """
        return self._door.check(name, target)

    def chat(
        self,
        name: Name,
        question: Annotated[
            str, Field(max_length=2000, description="'what failed?', 'how sure is h3?', 'does it hold for stars?'")
        ],
    ) -> Answer:
        """Ask about an audit that is not running; every sentence of the answer cites what bears it out.

        Where the answer is not known yet a real experiment is run, on fresh inputs and out of the audit's limits. The
        chat remembers earlier questions about the same audit.
        """
        return self._door.chat(name, question)

    async def _see_through(self, run: Run, ctx: Context, seconds: float) -> AuditState:
        """Watch an audit that this very call set going: who cancels the call stops the audit."""
        try:
            return await self._watch(run, ctx, seconds)
        except anyio.get_cancelled_exc_class():
            run.stop()
            raise

    async def _watch(self, run: Run, ctx: Context, seconds: float) -> AuditState:
        """Report progress until the audit has ended or the time is over."""
        told = 0
        with anyio.move_on_after(seconds):
            while not run.ended.is_set():
                for said in run.news(told):
                    told = said.number
                    await ctx.report_progress(told, message=said.text)
                await anyio.sleep(LOOK_SECONDS)
        with _told(ToolError):
            return await anyio.to_thread.run_sync(self._door.shelf.state, run.name)


def build_server(door: Door) -> MCPServer[None]:
    """Put a door's tools and files into a server."""
    server: MCPServer[None] = MCPServer(
        "faultfinder", instructions=INSTRUCTIONS, version=version("faultfinder"), log_level="WARNING"
    )
    for function, annotations in Tools(door).functions().items():
        told = function if iscoroutinefunction(function) else _telling(function)
        server.add_tool(told, annotations=annotations)
    for file, kind in KINDS.items():
        resource = server.resource(f"{SCHEME}{{name}}/{file}", name=file, description=ABOUT[file], mime_type=kind)
        resource(_reader(door, file))
    return server


def serve(door: Door, http: tuple[str, int] | None) -> None:
    """Serve until the client leaves (stdio) or the process is stopped (HTTP); what is running is then stopped in order.

    Args:
        door: what to serve.
        http: host and port to listen on; None for stdin and stdout.
    """
    server = build_server(door)
    try:
        if http is None:
            server.run("stdio")
        else:
            host, port = http
            server.run("streamable-http", host=host, port=port, streamable_http_path=PATH)
    finally:
        door.close()


def _reader(door: Door, file: str) -> Callable[[str], str]:
    def read(name: str) -> str:
        with _told(ResourceError):
            return door.shelf.file(name, file)

    return read


@contextmanager
def _told(kind: type[Exception]) -> Iterator[None]:
    """Tell the caller what went wrong, in its words."""
    try:
        yield
    except FaultfinderError as error:
        raise kind(str(error)) from error


def _telling(function: Callable[P, R]) -> Callable[P, R]:
    """Return a tool whose errors the calling model can read and act on; those of coroutines are told inside."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with _told(ToolError):
            return function(*args, **kwargs)

    return call
