"""A vision chat model as judge of pictures: which of two texts does this one show?

Models favour what is named first: every picture is asked about in both orders, and only an answer given twice counts.
"""

import base64
import io
from collections.abc import Sequence

from langchain_core.messages import HumanMessage
from PIL.Image import Image, Resampling

from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.forms import WhichReply
from faultfinder.agent.llm.paid_model import PaidModel
from faultfinder.agent.llm.replies import ask
from faultfinder.memory.errors import ReplyError
from faultfinder.memory.picture_records import Seen, Sight
from faultfinder.prompts import render
from faultfinder.tools.ports import Look

SMALLEST, LARGEST = 256, 1024
"""Pixels of the longer side of a picture as it is sent: small ones are enlarged, large ones reduced."""

_LONGEST_REASON = 200
_TURNED = {Seen.FIRST: Seen.SECOND, Seen.SECOND: Seen.FIRST}


class ChatEyes:
    """Looks at pictures with a vision chat model."""

    def __init__(self, model: PaidModel) -> None:
        """Look with a paid model."""
        self.name = model.name
        self._model = model

    def which(self, looks: Sequence[Look]) -> list[Sight]:
        """Return one sight per look, in order; "cannot tell" where the two orders disagree or an answer is missing."""
        return [self._look(look) for look in looks]

    def _look(self, look: Look) -> Sight:
        """Ask one way round, and the other where the first answer says anything."""
        forth = self._ask(look)
        if forth is None or Seen(forth.shows) is Seen.CANNOT_TELL:
            return _undecided(forth.reason if forth else "not answered")
        back = self._ask(Look(look.image, look.b, look.a))
        if back is None:
            return _undecided("not answered")
        first, turned = Seen(forth.shows), Seen(back.shows)
        second = _TURNED.get(turned, turned)
        if first is not second:
            return _undecided(f"{first} one way round, {second} the other")
        return Sight(seen=first, reason=_short(forth.reason))

    def _ask(self, look: Look) -> WhichReply | None:
        texts = render.quoted([{"which": "first", "text": look.a}, {"which": "second", "text": look.b}])
        content: list[str | dict[str, object]] = [
            {"type": "text", "text": render.which(texts=texts)},
            {"type": "image_url", "image_url": {"url": _address(look.image)}},
        ]
        try:
            return ask(self._model, "which", [HumanMessage(content)], WhichReply)
        except ReplyError as problem:
            self._model.tell(EventKind.WARNING, f"nobody looked at a picture: {problem}")
            return None


def _undecided(reason: str) -> Sight:
    return Sight(seen=Seen.CANNOT_TELL, reason=_short(reason))


def _short(reason: str) -> str:
    return " ".join(reason.split())[:_LONGEST_REASON]


def _address(image: Image) -> str:
    """Return a picture as a `data:` address of a size that a model can see and a server takes."""
    longest = max(image.size)
    scale = SMALLEST / longest if longest < SMALLEST else LARGEST / longest if longest > LARGEST else 1.0
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    how = Resampling.NEAREST if scale > 1 else Resampling.LANCZOS
    buffer = io.BytesIO()
    image.convert("RGB").resize(size, how).save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
