"""``summarizer:textrank``: a summary made of the text's most central sentences (Mihalcea and Tarau, 2004).

A summarizer without weights, for any machine. It reads words only: whatever makes words unrecognisable to a machine
(typing mistakes, look-alike letters) changes which sentences seem central, and a text without full stops has one
sentence.
"""

from collections.abc import Sequence

from faultfinder.memory.errors import SpecError
from faultfinder.tools.sentences import sentences
from faultfinder.tools.textrank import central

_FORM = "summarizer:textrank[@sentences=2]"
_USUAL = 2


class TextRankSummarizer:
    """Picks the most central sentences, in the order of the text."""

    def __init__(self, name: str, count: int = _USUAL) -> None:
        """Set up a summarizer.

        Args:
            name: what it is called.
            count: sentences of a summary.
        """
        self.name = name
        self.identity = f"textrank/1 {count}"
        self._count = count

    def respond(self, texts: Sequence[str]) -> list[str]:
        """Return one summary per text, in order; a text of fewer sentences is its own summary."""
        return [self._summary(text) for text in texts]

    def _summary(self, text: str) -> str:
        said = sentences(text)
        return " ".join(said[number] for number in sorted(central(said)[: self._count]))


def open_text_model(rest: str) -> TextRankSummarizer:
    """Return the summarizer that follows ``summarizer:``.

    Raises:
        SpecError: there is none of that name, or its option cannot be read.
    """
    name, _, written = rest.partition("@")
    count = written.removeprefix("sentences=") if written else str(_USUAL)
    if name != "textrank" or not (count.isascii() and count.isdigit() and 0 < int(count) < 100):
        raise SpecError(f"summarizer:{rest} names no summarizer; write {_FORM}")
    return TextRankSummarizer(f"summarizer:{rest}", int(count))
