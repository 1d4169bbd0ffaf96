"""The loop for LangGraph's development server and Studio: `langgraph.json` names `audit_graph`.

A thread of the server is an audit of its own, in the folder `thread-ID`: the server keeps the checkpoints,
the folder all else, so the report, the findings and the suite are there when a run ends. What is asked of an audit is
given as the run's context. The graph that is only looked at opens no model.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph_sdk.runtime import ServerRuntime
from pydantic import BaseModel, ConfigDict, Field

from faultfinder.agent.context import AuditContext
from faultfinder.agent.doors.options import (
    Actions,
    ChangeOptions,
    Explorer,
    Inputs,
    Instruction,
    LabelMap,
    Metric,
    People,
    PictureFolder,
    Queries,
    Ratings,
    SmallSteps,
)
from faultfinder.agent.events import Event
from faultfinder.agent.folder.names import DATABASE, checked_name
from faultfinder.agent.graph import NODES, Node, Wiring, nodes_of, wire
from faultfinder.agent.report.rewriting import UNFINISHED
from faultfinder.agent.running.audits import Audit
from faultfinder.agent.state import AuditState
from faultfinder.memory.errors import AuditError, FaultfinderError
from faultfinder.memory.records import AuditSettings, Limits

USUAL = ChangeOptions()


class AuditOptions(BaseModel):
    """What is asked of an audit. The command line's options, with a limit so that a run in Studio has an end."""

    model_config = ConfigDict(extra="ignore")

    goal: str = Field(default="does it understand where things are?", description="what worries you, in a sentence")
    target: str = Field(default="lab:clip", description="spec of the model under audit")
    corpus: str = Field(default="lab", description="'lab', or a file of sentences")
    inputs: Inputs = USUAL.inputs
    actions: Actions = USUAL.actions
    pictures: PictureFolder = USUAL.pictures
    label_map: LabelMap = USUAL.label_map
    metric: Metric = USUAL.metric
    instruction: Instruction = USUAL.instruction
    explorer: Explorer = USUAL.explorer
    queries: Queries = USUAL.queries
    small_steps: SmallSteps = USUAL.small_steps
    people: People = USUAL.people
    ratings: Ratings = USUAL.ratings
    reference: str | None = Field(default=None, description="spec of an encoder trusted to tell meanings apart")
    llm: str = Field(default="offline", description="'offline', or openai:MODEL for a chat model")
    llm_url: str | None = Field(default=None, description="base URL of a compatible server")
    seed: int = Field(default=0, ge=0, description="the same seed gives the same findings")
    probes: int = Field(default=40, ge=1, le=10_000, description="cases per hypothesis that should fail")
    controls: int = Field(default=40, ge=1, le=10_000, description="matched cases that should not")
    max_hypotheses: int | None = Field(default=6, ge=1, description="limit on the hypotheses tested")
    max_minutes: float | None = Field(default=None, gt=0, description="limit on the minutes")
    max_llm_calls: int | None = Field(default=None, ge=0, description="limit on the calls to the chat model")
    max_usd: float | None = Field(default=None, ge=0, description="limit on the US dollars")
    memory: str | None = Field(default=None, description="folder or URL of the failure memory")
    out: str = Field(default="audits", description="folder that holds the audits")

    @property
    def limits(self) -> Limits:
        """What may be spent."""
        return Limits(
            minutes=self.max_minutes, hypotheses=self.max_hypotheses, llm_calls=self.max_llm_calls, usd=self.max_usd
        )


@asynccontextmanager
async def audit_graph(config: RunnableConfig, runtime: ServerRuntime[AuditOptions]) -> AsyncIterator[Wiring]:
    """Return the loop: of an audit where the server runs it, and its outline where the server only looks at it.

    Args:
        config: names the thread.
        runtime: says what the server wants the graph for, and what the caller asked for.
    """
    running = runtime.execution_runtime
    if running is None:
        yield wire(dict.fromkeys(NODES, _not_running), AuditOptions)
        return
    chosen = config.get("configurable", {})
    context: Any = running.context or {}
    asked = context if isinstance(context, dict) else context.model_dump()
    options = AuditOptions.model_validate({**chosen, **asked})
    sitting = _Sitting(options, Path(options.out) / checked_name(f"thread-{chosen['thread_id']}"))
    try:
        with _told():
            graph = await asyncio.to_thread(sitting.open)
        yield graph
    finally:
        await asyncio.to_thread(sitting.close)


class RunFailed(ValueError):  # noqa: N818 - says what became of the run
    """An error that a person can act on, of a kind whose words the server shows; it hides those of all others."""


class _Sitting:
    """One run of one thread: the audit open for as long as the graph may be used."""

    def __init__(self, options: AuditOptions, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._stack = ExitStack()
        self._unwritten: tuple[Audit, AuditContext] | None = None

    def open(self) -> Wiring:
        """Open the thread's audit, a new one or the one it has, and return its graph."""
        with ExitStack() as stack:
            audit = stack.enter_context(self._audit())
            context = stack.enter_context(audit.sitting())
            self._stack = stack.pop_all()
        self._unwritten = audit, context
        nodes = {name: _telling(node) for name, node in nodes_of(context).items()}
        return wire({**nodes, "report": self._reporting(nodes["report"], audit, context)}, AuditOptions)

    def close(self) -> None:
        """Let go of the audit. One that was cut short leaves a report of what is known."""
        with self._stack:
            if self._unwritten:
                audit, context = self._unwritten
                audit.write_outputs(context, UNFINISHED)

    def _audit(self) -> Audit:
        options = self._options
        if (self._folder / DATABASE).is_file():
            return Audit.open(self._folder, _to_stream, options.limits)
        taken = options.model_dump(include=set(AuditSettings.model_fields))
        return Audit.create(
            AuditSettings(name=self._folder.name, limits=options.limits, **taken), self._folder, _to_stream
        )

    def _reporting(self, report: Node, audit: Audit, context: AuditContext) -> Node:
        """Write the outputs in the last step, so that whoever sees the run end finds them there."""

        def run(state: AuditState) -> AuditState:
            ended = report(state)
            audit.write_outputs(context, ended["stopped_by"] or UNFINISHED)
            self._unwritten = None
            return ended

        return run


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FaultfinderError as error:
        raise RunFailed(f"{type(error).__name__}: {error}") from error


def _telling(node: Node) -> Node:
    def run(state: AuditState) -> AuditState:
        with _told():
            return node(state)

    return run


def _to_stream(event: Event) -> None:
    """Hand an event to whoever streams the run's `custom` mode; outside of a step nobody does."""
    try:
        write = get_stream_writer()
    except (RuntimeError, AttributeError):  # no graph at all, or the server's own, which has no writer
        return
    write(event.model_dump(mode="json", exclude_none=True))


def _not_running(state: AuditState) -> AuditState:
    raise AuditError("this graph is an outline, to be looked at; the server runs another")
