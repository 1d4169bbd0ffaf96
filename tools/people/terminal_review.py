"""The review at a terminal: the same questions in the same order, one line an answer, pictures in coloured blocks."""

import io
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

import numpy as np
import numpy.typing as npt
from PIL import Image as Images

from faultfinder.memory.errors import LabelError
from faultfinder.memory.people_records import Answer, Ask, Label, Question
from faultfinder.tools.people.desk import Desk
from faultfinder.tools.people.differences import Piece
from faultfinder.tools.people.messages import LONGEST_NOTE
from faultfinder.tools.people.raters_queue import Again, Item, RatersQueue, rater_name, turn
from faultfinder.tools.plain_text import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST = 64
"""Columns of a picture; a block is half a character high."""

_ASKS = {
    Ask.WHICH: "Which of the two does this picture show?",
    Ask.MEANING: "Do these two mean visibly different things?",
    Ask.RATING: "How bad is this? Left: the input as it was; right: as the model was given it.",
}
_WORDS = {
    Answer.FIRST: "the first",
    Answer.SECOND: "the second",
    Answer.SAME: "the same meaning",
    Answer.DIFFERENT: "different",
}
_LEADS = {
    Ask.WHICH: ("  1  ", "  2  "),
    Ask.RATING: ("  what is right: ", "  the model said: "),
}
_CANNOT_SAY = "x"
_HELP = "u takes the last answer back, n TEXT writes a note to the next answer, q ends"


class TerminalReview:
    """Asks one rater at a terminal."""

    def __init__(self, desk: Desk, console: "Console", source: TextIO, again: Again | None = None) -> None:
        """Ask on a console.

        Args:
            desk: the audit.
            console: where questions are shown.
            source: where answers come from, a line each.
            again: what is asked first.
        """
        self._desk, self._console, self._source, self._again = desk, console, source, again
        self._note = ""

    def run(self, rater: str | None = None) -> None:
        """Ask until everything is answered, the rater ends it, or nothing more comes in.

        Raises:
            LabelError: the rater gives no name.
        """
        known = {label.rater for label in self._desk.labels()}
        name = rater_name(rater or self._line("Your name: ") or "", known)
        if name is None:
            raise LabelError("give a name of at most 60 plain characters, or --rater NAME")
        self._say(_HELP)
        wanted: str | None = None
        while True:
            queue = RatersQueue(name, self._desk.questions(), self._desk.labels(), self._again)
            shown = wanted or next(iter(queue.upcoming(1)), None)
            if shown is None:
                self._say(f"All {queue.total} answered. Thank you, {plain(name)}.")
                return
            self._show(queue, queue.item(shown))
            said = self._said(queue, queue.item(shown))
            if said is None:
                return
            wanted = said.question if said.answer is None else None
            self._desk.append([said])

    def _said(self, queue: RatersQueue, item: Item) -> Label | None:
        """Read lines until one is an answer or takes one back; None ends the review."""
        while (line := self._line("> ")) is not None:
            command, _, rest = line.strip().partition(" ")
            if command.lower() in ("q", "quit"):
                return None
            if command.lower() == "u" and queue.last:
                return self._label(queue, queue.last, None)
            if command.lower() == "n":
                self._note = rest.strip()[:LONGEST_NOTE]
                self._say("Noted; it goes with your next answer.")
            elif command.lower() == _CANNOT_SAY and item.kind is Ask.RATING:
                return self._label(queue, item.question, Answer.CANNOT_TELL)
            elif command.isdecimal() and 1 <= int(command) <= len(item.answers):
                return self._label(queue, item.question, item.answers[int(command) - 1])
            else:
                self._say(f"Type a number from 1 to {len(item.answers)}; {_HELP}.")
        return None

    def _label(self, queue: RatersQueue, question: str, answer: Answer | None) -> Label:
        asked = queue.question(question)
        note, self._note = (self._note, "") if answer else ("", self._note)
        return Label(
            id=secrets.token_hex(16),
            question=question,
            rater=queue.rater,
            answer=turn(queue.rater, asked, answer) if asked else answer,
            note=note,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def _show(self, queue: RatersQueue, item: Item) -> None:
        self._say(f"\n{queue.done + 1} of {queue.total}   {plain(item.text) or _ASKS.get(item.kind, '')}")
        if item.picture:
            self._show_picture(item.question, queue.question(item.question))
        first, second = _LEADS.get(item.kind, ("  -  ", "  -  "))
        changed = [("  as it was: ", item.before), ("  as given:  ", item.after)]
        for lead, pieces in [*changed, (first, item.first), (second, item.second)]:
            if pieces:
                self._console.print(_spelt(lead, pieces), soft_wrap=True)
        self._say("  " + _offered(item))

    def _show_picture(self, key: str, asked: Question | None) -> None:
        png = self._desk.picture(key)
        if png is None:
            self._say("  (the picture is gone or damaged; say that you cannot tell)")
        elif self._console.color_system in ("truecolor", "256"):
            self._console.print(in_blocks(png, min(WIDEST, self._console.width - 2)))
        else:
            self._say(f"  (this terminal shows no pictures: open images/{asked.image if asked else ''}.png)")

    def _line(self, prompt: str) -> str | None:
        """Return the next line, or None where no more come in."""
        self._console.print(prompt, end="", markup=False)
        line = self._source.readline()
        return line if line else None

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)


def _offered(item: Item) -> str:
    if item.kind is Ask.RATING:
        return f"1 does not matter ... 10 must not happen   {_CANNOT_SAY} cannot say, or cannot read it"
    offered = [f"{number} {_WORDS.get(answer, answer)}" for number, answer in enumerate(item.answers, start=1)]
    return "   ".join(offered)


def in_blocks(png: bytes, widest: int) -> "Text":
    """Return a picture as coloured half blocks, at most `widest` columns wide."""
    from rich.text import Text

    image = Images.open(io.BytesIO(png)).convert("RGB")
    scale = min(1.0, widest / max(image.size))
    size = (max(1, round(image.width * scale)), max(2, round(image.height * scale)))
    pixels = np.asarray(image.resize(size, Images.Resampling.LANCZOS if scale < 1 else Images.Resampling.NEAREST))
    text = Text(no_wrap=True)
    for upper, lower in zip(pixels[0::2], pixels[1::2], strict=False):
        text.append("  ")
        for above, below in zip(upper, lower, strict=True):
            text.append("\u2580", f"{_colour(above)} on {_colour(below)}")
        text.append("\n")
    return text


def _colour(pixel: npt.NDArray[np.uint8]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*pixel)


def _spelt(lead: str, pieces: tuple[Piece, ...]) -> "Text":
    """Return a text with what differs underlined."""
    from rich.text import Text

    text = Text(lead, style="default")
    for piece in pieces:
        text.append(_printable(piece.text), "bold underline" if piece.marked else "")
    return text


def _printable(text: str) -> str:
    """Return a stretch of text as `plain` does, with the space around it kept."""
    return "".join(character if character.isprintable() else " " for character in text)
