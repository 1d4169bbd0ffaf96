"""Traces of a sitting, for a collector that speaks OTLP over HTTP: steps, tool calls, model calls, experiments.

Nothing is sent unless it was asked for. A span holds names, counts, times and the kind of an error; never a text of the
corpus, of a model or of the person, and never a key. Calls of chat models and tools follow OpenTelemetry's conventions
for generative AI. Where to send is said as everywhere: OTEL_EXPORTER_OTLP_ENDPOINT and its kin.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import LLMResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context

from faultfinder.agent.running.audits import Audit
from faultfinder.memory.errors import SpecError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import Counts, Decision, Verdict

ENDPOINT, TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
USUAL_ENDPOINT = "http://localhost:4318"
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
SPOKEN = "http/protobuf"
SERVICE_NAME = "OTEL_SERVICE_NAME"

Attributes = Mapping[str, str | int | float]
Complain = Callable[[str], None]


@contextmanager
def traced(audit: Audit, complain: Complain, exporter: SpanExporter | None = None) -> Iterator[BaseCallbackHandler]:
    """Trace one sitting of an audit while the block lasts; what the block gets is the watcher to run the audit with.

    Args:
        audit: the audit.
        complain: told at the end what could not be delivered, if anything.
        exporter: where spans go; None sends them where the environment says.

    Raises:
        SpecError: the environment names no address that can be sent to.
    """
    delivery = _Delivery(exporter or _otlp())
    provider = TracerProvider(resource=_resource())
    provider.add_span_processor(BatchSpanProcessor(delivery))
    tracer = provider.get_tracer("faultfinder", version("faultfinder"))
    root = tracer.start_span("invoke_agent faultfinder", attributes=_about(audit))
    try:
        yield Watcher(tracer, root, audit.ledger)
    except BaseException as error:
        _failed(root, error)
        raise
    finally:
        root.set_attributes(_spent(audit.ledger))
        root.end()
        provider.shutdown()
        if delivery.lost:
            place = _shown(_endpoint())
            complain(
                f"{delivery.lost} of {delivery.all} spans could not be delivered to {place}; is a collector there?"
            )


class Watcher(BaseCallbackHandler):
    """Turns what the loop does into spans. It is told texts along with the rest, and keeps none."""

    run_inline = True

    def __init__(self, tracer: Tracer, root: Span, ledger: Ledger) -> None:
        """Begin under the sitting's own span."""
        self._tracer = tracer
        self._root = root
        self._ledger = ledger
        self._lock = threading.Lock()
        self._open: dict[UUID, Span] = {}
        self._under: dict[UUID, Span] = {}
        self._judged = {verdict.id for verdict in ledger.all(Verdict)}
        self._experiment_began = time.time_ns()

    def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: dict[str, Any],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,  # noqa: ANN401 - the base class' own
    ) -> None:
        """Begin a step's span; what runs inside a step is put under it."""
        name, step = kwargs.get("name"), (metadata or {}).get("langgraph_node")
        if not step or name != step:
            self._pass_on(run_id, parent_run_id)
            return
        if step == "experiment":
            self._experiment_began = time.time_ns()
        self._begin(run_id, parent_run_id, f"step {step}", {"faultfinder.step": step})

    def on_chain_end(
        self, outputs: dict[str, Any], *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: object
    ) -> None:
        """End a step's span; after the judge has spoken, add what it judged."""
        span = self._end(run_id)
        if span is not None and getattr(span, "name", "") == "step judge":
            self._experiments()

    def on_chain_error(
        self, error: BaseException, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: object
    ) -> None:
        """End a step's span with the kind of error it met."""
        self._end(run_id, error)

    def on_tool_start(
        self,
        serialized: dict[str, Any],
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        inputs: dict[str, Any] | None = None,
        **kwargs: object,
    ) -> None:
        """Begin the span of a tool that the scout called."""
        tool = str(serialized.get("name", "tool"))
        attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": tool, "gen_ai.tool.type": "function"}
        self._begin(run_id, parent_run_id, f"execute_tool {tool}", attributes)

    def on_tool_end(self, output: object, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: object) -> None:
        """End a tool's span."""
        self._end(run_id)

    def on_tool_error(
        self, error: BaseException, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: object
    ) -> None:
        """End a tool's span with the kind of error it met."""
        self._end(run_id, error)

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: object,
    ) -> None:
        """Begin the span of one request to a chat model; a retry is another one."""
        known = metadata or {}
        model = str(known.get("ls_model_name", "unknown"))
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": str(known.get("ls_provider", "unknown")),
            "gen_ai.request.model": model,
        }
        self._begin(run_id, parent_run_id, f"chat {model}", attributes, SpanKind.CLIENT)

    def on_llm_end(
        self,
        response: LLMResult,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        **kwargs: object,
    ) -> None:
        """End a request's span with the tokens it took."""
        with self._lock:
            span = self._open.get(run_id)
        if span is not None:
            span.set_attributes(_answered(response))
        self._end(run_id)

    def on_llm_error(
        self,
        error: BaseException,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        **kwargs: object,
    ) -> None:
        """End a request's span with the kind of error it met."""
        self._end(run_id, error)

    def _begin(
        self, run: UUID, parent: UUID | None, name: str, attributes: Attributes, kind: SpanKind = SpanKind.INTERNAL
    ) -> None:
        above = set_span_in_context(self._above(parent))
        span = self._tracer.start_span(name, context=above, kind=kind, attributes=attributes)
        with self._lock:
            self._open[run] = self._under[run] = span

    def _end(self, run: UUID, error: BaseException | None = None) -> Span | None:
        with self._lock:
            self._under.pop(run, None)
            span = self._open.pop(run, None)
        if span is not None:
            if error is not None:
                _failed(span, error)
            span.end()
        return span

    def _pass_on(self, run: UUID, parent: UUID | None) -> None:
        """Put what runs inside a run without a span of its own under the span above."""
        above = self._above(parent)
        with self._lock:
            self._under[run] = above

    def _above(self, parent: UUID | None) -> Span:
        with self._lock:
            return self._under.get(parent, self._root) if parent else self._root

    def _experiments(self) -> None:
        """Add a span for every experiment judged since the last time, from its first case to its verdict."""
        for verdict in self._ledger.all(Verdict):
            if verdict.id not in self._judged:
                self._judged.add(verdict.id)
                self._tracer.start_span(
                    f"experiment {verdict.id}",
                    context=set_span_in_context(self._root),
                    attributes=_judged(verdict),
                    start_time=self._experiment_began,
                ).end()


class _Delivery(SpanExporter):
    """Hands spans on and counts those that did not arrive."""

    def __init__(self, to: SpanExporter) -> None:
        self._to = to
        self.all = self.lost = 0
        # What went wrong is said once, at the end; the library would say it again and again, between other lines.
        logging.getLogger("opentelemetry").addHandler(logging.NullHandler())

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._to.export(spans)
        self.all += len(spans)
        self.lost += len(spans) if result is not SpanExportResult.SUCCESS else 0
        return result

    def shutdown(self) -> None:
        self._to.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._to.force_flush(timeout_millis)


def _otlp() -> SpanExporter:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ModuleNotFoundError as error:
        raise SpecError("traces need what sends them: pip install 'faultfinder[otel]'") from error
    asked = next((os.environ[name] for name in PROTOCOLS if os.environ.get(name)), SPOKEN)
    if asked != SPOKEN:
        raise SpecError(f"traces are sent as {SPOKEN}, not {asked!r}; set {PROTOCOLS[0]}={SPOKEN}")
    parts = urlsplit(_endpoint())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SpecError(
            f"{_shown(_endpoint())!r} is no address to send traces to; set {ENDPOINT} to one like {USUAL_ENDPOINT}"
        )
    return OTLPSpanExporter()


def _endpoint() -> str:
    return os.environ.get(TRACES_ENDPOINT) or os.environ.get(ENDPOINT) or USUAL_ENDPOINT


def _shown(address: str) -> str:
    """Return an address without what may stand in it before the host: a name and a key."""
    return re.sub(r"//[^/]*@", "//", address)


def _resource() -> Resource:
    own = {} if os.environ.get(SERVICE_NAME) else {"service.name": "faultfinder"}
    return Resource.create({**own, "service.version": version("faultfinder")})


def _about(audit: Audit) -> Attributes:
    settings = audit.settings
    return {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "faultfinder",
        "faultfinder.audit": settings.name,
        "faultfinder.target": settings.target,
        "faultfinder.strategist": settings.llm,
        "faultfinder.seed": settings.seed,
    }


def _spent(ledger: Ledger) -> Attributes:
    confirmed = {verdict.hypothesis for verdict in ledger.all(Verdict) if verdict.decision is Decision.SUPPORTED}
    spent = {f"faultfinder.spent.{name}": value for name, value in ledger.spend()}
    return {**spent, "faultfinder.confirmed": len(confirmed)}


def _judged(verdict: Verdict) -> Attributes:
    return {
        "faultfinder.hypothesis": verdict.hypothesis,
        "faultfinder.look": verdict.look,
        "faultfinder.decision": verdict.decision.value,
        "faultfinder.p_value": verdict.p_value,
        "faultfinder.alpha": verdict.alpha,
        "faultfinder.test_number": verdict.test_number,
        **_counted("probes", verdict.probes),
        **_counted("control", verdict.control),
    }


def _counted(arm: str, counts: Counts) -> Attributes:
    outcomes = counts.model_dump(by_alias=True, exclude={"rate", "interval"})
    return {f"faultfinder.{arm}.{outcome}": number for outcome, number in outcomes.items()}


def _answered(response: LLMResult) -> Attributes:
    message = next((getattr(one, "message", None) for some in response.generations for one in some), None)
    if not isinstance(message, AIMessage):
        return {}
    usage, known = message.usage_metadata, message.response_metadata
    tokens = (
        {"gen_ai.usage.input_tokens": usage["input_tokens"], "gen_ai.usage.output_tokens": usage["output_tokens"]}
        if usage
        else {}
    )
    return {**tokens, "gen_ai.response.model": str(known.get("model_name", "unknown"))}


def _failed(span: Span, error: BaseException) -> None:
    """Say the kind of an error, not its words: those may quote a text."""
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(StatusCode.ERROR)
