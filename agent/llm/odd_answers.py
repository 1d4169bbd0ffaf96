"""What servers and models send that would break what reads or keeps it, put into a form that does not.

It knows neither the client nor what an answer means.
"""

import json

from langchain_core.messages import AIMessage

_SHOWN = 500
"""Characters kept of arguments that cannot be read."""


def storable(reply: AIMessage) -> AIMessage:
    """Return the reply without half characters, which JSON can spell, and which no file and no database takes."""
    said = json.dumps(reply.model_dump(), ensure_ascii=False, default=str)
    return reply if said.isascii() else AIMessage.model_validate_json(whole_characters(said))


def whole_characters(text: str) -> str:
    """Join the halves of a character (surrogates) that follow each other; one that is alone becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def object_or_not_json(arguments: object) -> str:
    """Return a tool call's arguments as the JSON of an object, else as text that is no JSON.

    Servers send them as text, as an object, or as text within text; a call without arguments has none, or null.
    """
    value = arguments
    for _ in range(2):
        try:
            value = json.loads(value, strict=False) if isinstance(value, str) and value else value
        except (ValueError, RecursionError):
            break
    if value in ("", None):
        return "{}"
    return json.dumps(value) if isinstance(value, dict) else f"{str(arguments)[:_SHOWN]} ..."
