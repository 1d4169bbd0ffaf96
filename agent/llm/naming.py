"""How a chat model under audit is named: `openai:MODEL`, or `openai:MODEL@url=URL` on a server of one's own."""

from dataclasses import dataclass

CHAT = "openai:"
URL = "@url="
FORM = f"{CHAT}MODEL[{URL}http://HOST:PORT/v1]"


@dataclass(frozen=True)
class ChatName:
    """What a spec says.

    Attributes:
        model: The model's name, as its server knows it.
        url: Base URL of the server; None for OpenAI's own service.
    """

    model: str
    url: str | None


def is_chat_model(spec: str) -> bool:
    """Tell whether a target is a chat model behind a server, whose every answer is paid for."""
    return spec.strip().startswith(CHAT)


def chat_name(spec: str) -> ChatName:
    """Take a spec apart; a part that is missing is empty."""
    model, at, url = spec.strip().removeprefix(CHAT).partition(URL)
    return ChatName(model.strip(), url if at else None)
