"""Get a typed reply out of a chat model: find the JSON in what it says, check it, ask once more when it does not fit.

Small models wrap JSON in prose, fences or a bare list, and are cut in the middle. All that is read; nothing is made up.
"""

import json
from collections.abc import Iterator, Sequence
from typing import TypeVar

import pydantic_core
from langchain_core.messages import AIMessage, BaseMessage
from pydantic import ValidationError

from faultfinder.agent.llm.calls import Call, JsonSchema, words_of
from faultfinder.agent.llm.paid_model import PaidModel
from faultfinder.memory.errors import ReplyError
from faultfinder.memory.records import Record
from faultfinder.prompts import render

R = TypeVar("R", bound=Record)
_DECODER = json.JSONDecoder(strict=False)


def ask(model: PaidModel, purpose: str, messages: Sequence[BaseMessage], schema: type[R], attempt: int = 0) -> R:
    """Return the model's reply as a record, after at most one repair round.

    Raises:
        ReplyError: the model refuses, says nothing, or answers out of form twice.
        ModelCallError: the server does not answer.
        BudgetSpent: a limit is reached.
    """
    call = Call(purpose, tuple(messages), schema=strict_schema(schema), attempt=attempt)
    reply = model.answer(call)
    try:
        return read_reply(reply, schema)
    except ReplyError as problem:
        if refusal(reply):
            raise ReplyError(f"{model.name}, asked for {purpose}, {problem}") from problem
        objection = render.repair(problem=str(problem), schema=json.dumps(call.schema))
        second = model.answer(call.answered(reply, objection))
    try:
        return read_reply(second, schema)
    except ReplyError as problem:
        raise ReplyError(
            f"{model.name}, asked twice for {purpose}, {problem}; a stronger model may do better"
        ) from problem


def read_reply(reply: AIMessage, schema: type[R]) -> R:
    """Read a record from a reply.

    Raises:
        ReplyError: it is a refusal, empty, or holds no JSON that fits; the text completes "the model ...".
    """
    if refused := refusal(reply):
        raise ReplyError(f"refused: {refused[:200]}")
    said = words_of(reply)
    if not said:
        raise ReplyError("said nothing")
    problem = "gave no JSON"
    for value in candidates(said):
        try:
            return schema.model_validate(value)
        except ValidationError as error:
            problem = f"gave JSON that does not fit: {_first_fault(error)}"
    raise ReplyError(problem)


def refusal(reply: AIMessage) -> str:
    """Return the words in which a model refuses, where the protocol marks them as such."""
    return str(reply.additional_kwargs.get("refusal") or "")


def candidates(said: str) -> Iterator[object]:
    """Yield what may be the answer in a text, likeliest first: the last value, earlier ones, all as a list."""
    values = list(json_values(said))
    several = len(values) > 1 and len({tuple(v) if isinstance(v, dict) else None for v in values}) == 1
    if several:
        yield values
    yield from reversed(values)


def json_values(text: str) -> Iterator[object]:
    """Yield every JSON object or list in a text, outermost only; one that is cut is read as far as it goes."""
    position = 0
    while (start := _next_bracket(text, position)) is not None:
        try:
            value, position = _DECODER.raw_decode(text, start)
        except RecursionError:  # a model that runs on and on in brackets
            return
        except ValueError:
            cut = _cut_value(text[start:])
            if cut:
                yield cut
                return
            position = start + 1
        else:
            yield value


def strict_schema(schema: type[Record]) -> JsonSchema:
    """Return a record's JSON schema as strict servers want it: every field required, no others, no defaults."""
    whole: JsonSchema = schema.model_json_schema()
    _tighten(whole)
    return whole


def _tighten(node: object) -> None:
    if isinstance(node, dict):
        properties = node.get("properties")
        if isinstance(properties, dict):
            node |= {"required": list(properties), "additionalProperties": False}
        for word in ("title", "default"):
            if not isinstance(node.get(word), dict):  # a field may have such a name
                node.pop(word, None)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _tighten(child)


def _next_bracket(text: str, position: int) -> int | None:
    found = [at for at in (text.find("{", position), text.find("[", position)) if at >= 0]
    return min(found, default=None)


def _cut_value(text: str) -> object:
    try:
        return pydantic_core.from_json(text, allow_partial=True)
    except ValueError:
        return None


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in fault["loc"]) or "the whole"
    return f"{place}: {fault['msg']}"
