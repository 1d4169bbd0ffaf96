"""Build the chat model behind `openai:MODEL`, and read the errors of its client.

The only file that knows the OpenAI client. It knows nothing of budgets, prompts or audits. Retries are not the client's
business here: they must be visible and stop at the budget, so the caller does them.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import openai
from langchain_core.exceptions import ContextOverflowError, ModelError
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, message_chunk_to_message
from langchain_core.outputs import ChatResult
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from pydantic import Field, SecretStr

from faultfinder.agent.llm.calls import Call, Form
from faultfinder.agent.llm.odd_answers import object_or_not_json, storable, whole_characters
from faultfinder.agent.llm.prices import Price, price_of
from faultfinder.memory.errors import SpecError
from faultfinder.memory.records import Record

SCHEME = "openai:"
KEY = "OPENAI_API_KEY"
TIMEOUT = "FAULTFINDER_LLM_TIMEOUT"
SECONDS, SECONDS_OWN_SERVER = 180.0, 600.0
"""How long to wait for an answer; a small machine takes minutes to read a long prompt."""

STREAM = "stream"
"""What a server complains of that cannot send an answer while it is made."""

LIMIT = "max_tokens"
"""What a server complains of whose context is shorter than the longest reply."""

LONGEST_REPLY = 4096
"""Tokens; a reply longer than this is cut by the server, so that a model that runs on has an end."""

# A body that is no JSON, or JSON of another shape, surfaces as one of these from inside the client.
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError)

# Below the client lies httpx, or in newer ones httpx2; what breaks while an answer arrives comes from there.
_TRANSPORT: tuple[type[Exception], ...] = tuple(
    import_module(name).HTTPError for name in ("httpx", "httpx2") if find_spec(name)
)
CALL_ERRORS: tuple[type[Exception], ...] = (ModelError, openai.OpenAIError, *_TRANSPORT, *_MALFORMED)
_PASSING = frozenset({408, 409, 425, 429})
_CROWDED = frozenset({429, 503})
_FORM_REFUSED = frozenset({400, 415, 422, 501})


class Trouble(Record):
    """What went wrong with a call, in words and in consequences."""

    text: str = Field(description="what happened and what to do")
    passing: bool = Field(default=False, description="the same call may succeed later")
    crowded: bool = Field(default=False, description="the server is asked too often, or too much at once")
    refused: bool = Field(default=False, description="the server refuses the request's form")
    lost: bool = Field(default=False, description="an answer may have been made, and charged, but did not arrive")
    wait: float | None = Field(default=None, description="seconds the server asks to wait")


@dataclass(frozen=True)
class Connection:
    """A chat model and what is known of the server behind it. Any LangChain chat model will do."""

    name: str
    model: BaseChatModel
    price: Price | None = None
    openai: bool = False
    own_server: bool = False
    seed: int = 0

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms in which a typed reply may be asked for, strictest first."""
        return tuple(Form) if self.openai else (Form.FUNCTION, Form.TEXT)

    def send(self, call: Call, form: Form, key: str, unsupported: frozenset[str]) -> AIMessage:
        """Send a call once.

        Args:
            call: what to ask.
            form: how to ask for a typed reply; without effect on a call without schema.
            key: names this call to the server, which may recognise a repetition.
            unsupported: parameters the server does not take.

        Raises:
            CALL_ERRORS: whatever the client raises; `understand` reads it.
        """
        options = self._protocol(key, unsupported) if self.openai else {}
        if call.schema and form is Form.TEXT:
            call = call.in_text()
        if call.schema and form is Form.SCHEMA:
            # In the body: as an argument of its own it makes the client parse, and lose, replies that were cut.
            options.setdefault("extra_body", {})["response_format"] = _response_format(call)
        model = self._model_for(call, form)
        if call.heard and STREAM not in unsupported:
            return _without_key(storable(_listened(model.stream(list(call.messages), **options), call.heard)))
        return _without_key(storable(model.invoke(list(call.messages), **options)))

    def _model_for(self, call: Call, form: Form) -> Runnable[LanguageModelInput, AIMessage]:
        if call.tools:
            return self.model.bind_tools(list(call.tools))
        if call.schema and form is Form.FUNCTION:
            return self.model.bind_tools([_function(call)], tool_choice="answer")
        return self.model

    def _protocol(self, key: str, unsupported: frozenset[str]) -> dict[str, Any]:
        sampling = {"temperature": 0, "seed": self.seed}
        options: dict[str, Any] = {name: value for name, value in sampling.items() if name not in unsupported}
        options["extra_headers"] = {"Idempotency-Key": key}
        # OpenAI's newer name for the limit (set when the model is built) is unknown to many other servers.
        limited = self.own_server and LIMIT not in unsupported
        options["extra_body"] = {LIMIT: LONGEST_REPLY} if limited else {}
        return options


def connect(spec: str, url: str | None = None, seed: int = 0, timeout: float | None = None) -> Connection:
    """Build the chat model that `openai:MODEL` names, on OpenAI's service or on a compatible server.

    Args:
        spec: `openai:MODEL`.
        url: base URL of a compatible server, usually ending in `/v1`.
        seed: passed to the server, where it takes one.
        timeout: seconds to wait for an answer; by default FAULTFINDER_LLM_TIMEOUT, else 180, or 600 of a server
            of one's own.

    Raises:
        SpecError: the name, the URL, the timeout or a price cannot be read, or no key is set for OpenAI's own service.
    """
    name = spec.removeprefix(SCHEME).strip()
    if not spec.startswith(SCHEME) or not name:
        raise SpecError(f"{spec!r} names no chat model; write openai:MODEL, such as openai:gpt-4o-mini")
    price = price_of(name, own_server=url is not None)
    model = build_chat_model(name, url, timeout or _seconds(SECONDS_OWN_SERVER if url else SECONDS))
    return Connection(spec, model, price, openai=True, own_server=url is not None, seed=seed)


def _listened(chunks: Iterator[AIMessage], heard: Callable[[str], None]) -> AIMessage:
    """Put an answer together as it arrives, telling the words so far.

    Raises:
        ValueError: it ended before the server said that it was whole.
    """
    whole: AIMessageChunk | None = None
    for chunk in chunks:
        if isinstance(chunk, AIMessageChunk):
            whole = chunk if whole is None else whole + chunk
            if chunk.text:
                heard(_masked(whole_characters(whole.text)))
    if whole is None or not whole.response_metadata.get("finish_reason"):
        raise ValueError("the answer was cut short")
    said = message_chunk_to_message(whole)
    if not isinstance(said, AIMessage):
        raise TypeError("no answer of a model")
    return said


class _Readable(ChatOpenAI):
    """The client, but an answer is not lost when the arguments of a call in it are no object, nor a refusal's words."""

    def _create_chat_result(
        self, response: dict[str, Any] | openai.BaseModel, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        answer = response.model_dump(warnings=False) if isinstance(response, openai.BaseModel) else response
        for choice in (answer.get("choices") if isinstance(answer, dict) else None) or ():
            for called in choice["message"].get("tool_calls") or ():
                called["function"]["arguments"] = object_or_not_json(called["function"]["arguments"])
        result = super()._create_chat_result(answer, generation_info)
        for made, choice in zip(result.generations, answer["choices"], strict=True):
            if refused := choice["message"].get("refusal"):
                made.message.additional_kwargs["refusal"] = refused
        return result


def build_chat_model(name: str, url: str | None, timeout: float) -> BaseChatModel:
    """Build the client. With a URL it speaks plain chat completions, which is what compatible servers know.

    Raises:
        SpecError: the URL cannot be read, or no key is set for OpenAI's own service.
    """
    limit = {} if url else {"max_completion_tokens": LONGEST_REPLY}
    return _Readable(
        model=name,
        base_url=_checked(url),
        api_key=_api_key(url),
        timeout=timeout,
        max_retries=0,
        stream_usage=True,
        use_responses_api=False if url else None,
        **limit,
    )


def understand(error: BaseException) -> Trouble:
    """Say what an error of the client means for the call."""
    status = getattr(error, "status_code", None)
    if isinstance(error, openai.APITimeoutError):
        return Trouble(text=f"no answer in time; {TIMEOUT} sets how many seconds to wait", passing=True, lost=True)
    if isinstance(error, openai.APIConnectionError):
        return _no_connection(error)
    if isinstance(error, _TRANSPORT):
        return Trouble(text="the connection broke before the answer was complete", passing=True, lost=True)
    if isinstance(status, int):
        return _status(error, status)
    if isinstance(error, ModelError):
        return Trouble(text=_said(error), passing=error.is_retryable, refused=isinstance(error, ContextOverflowError))
    return Trouble(text=f"an answer that cannot be read ({_said(error)})", passing=True, lost=True)


def _no_connection(error: openai.APIConnectionError) -> Trouble:
    causes = {type(cause).__name__ for cause in _causes(error)}
    if causes & {"ConnectError", "ConnectTimeout"}:
        return Trouble(text="cannot be reached; is the server running and the URL right?", passing=True)
    return Trouble(text="the connection broke before the answer was complete", passing=True, lost=True)


def _status(error: BaseException, status: int) -> Trouble:
    said = f"HTTP {status}: {_said(error)}"
    advice = {
        401: f"the key was refused; set {KEY} to a valid one",
        402: "the account has no credit left",
        403: f"the key in {KEY} may not use this model",
        413: "the request is too long for the server",
        404: "no such model or path; check the model's name and that the URL ends as the server wants, often in /v1",
    }
    if status in advice:
        return Trouble(text=f"{advice[status]} ({said})")
    if getattr(error, "code", None) == "insufficient_quota":
        return Trouble(text=f"the account's quota is used up ({said})")
    if status in _FORM_REFUSED:
        return Trouble(text=f"the request was refused ({said})", refused=True)
    passing, crowded = status in _PASSING or status >= 500, status in _CROWDED
    return Trouble(text=said, passing=passing, crowded=crowded, wait=_asked_wait(error))


def _asked_wait(error: BaseException) -> float | None:
    """Return the seconds that the server asks to wait; None where it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    asked = headers.get("retry-after", "")
    try:
        return max(0.0, float(asked))
    except ValueError:
        return _seconds_between(headers.get("date", ""), asked)


def _seconds_between(now: str, then: str) -> float | None:
    """Return the seconds between two moments of one server, so that this machine's clock does not matter."""
    try:
        return max(0.0, (parsedate_to_datetime(then) - parsedate_to_datetime(now)).total_seconds())
    except (ValueError, TypeError):
        return None


def _said(error: BaseException) -> str:
    return _masked(" ".join(str(getattr(error, "message", "") or error).split()))[:300]


def _without_key(reply: AIMessage) -> AIMessage:
    """Return a reply as it may be kept: a server, or what stands between, can send back what it was sent."""
    said = reply.model_dump_json()
    masked = _masked(said)
    return reply if masked == said else AIMessage.model_validate_json(masked)


def _masked(text: str) -> str:
    key = os.environ.get(KEY)
    return text.replace(key, "(key)") if key else text


def _causes(error: BaseException | None) -> list[BaseException]:
    return [error, *_causes(error.__cause__)] if error else []


def _response_format(call: Call) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": call.schema}}


def _function(call: Call) -> dict[str, object]:
    function = {"name": "answer", "description": "Give the answer.", "parameters": call.schema}
    return {"type": "function", "function": function}


def _seconds(usual: float) -> float:
    said = os.environ.get(TIMEOUT)
    if not said:
        return usual
    try:
        seconds = float(said)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise SpecError(f"{TIMEOUT}={said!r} is no number of seconds")
    return seconds


def _checked(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SpecError(f"{url!r} is no URL of a chat server; write something like http://127.0.0.1:8080/v1")
    return url


def _api_key(url: str | None) -> SecretStr:
    key = os.environ.get(KEY, "")
    if not key and url is None:
        raise SpecError(
            f"OpenAI's service wants a key: set {KEY}, or name a server of your own with --llm-url "
            "(of a model under audit: openai:MODEL@url=URL)"
        )
    return SecretStr(key or "none-needed")
