"""Showing an answer while it arrives, sentence by sentence, each one checked before it is shown."""

from collections.abc import Callable

from faultfinder.agent.chat.sentences import sentences_of

Vet = Callable[[str], str]
"""Returns what is shown of a text that consists of whole sentences."""


class Spoken:
    """Says whole sentences of an answer as they come; what is not whole yet waits."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Take who shows the sentences."""
        self._say = say
        self._vet: Vet = str
        self._heard = ""
        self.said = ""
        """What was shown of this answer so far."""

    def begin(self, vet: Vet) -> None:
        """Begin a new answer; its sentences go through `vet`."""
        self._vet, self._heard, self.said = vet, "", ""

    def hear(self, so_far: str) -> None:
        """Take the words so far; show the sentences that are whole now and were not before."""
        whole = _whole(so_far)
        if not whole.startswith(self._heard):
            return  # begun anew after a broken line: the end is shown when it is there
        fresh, self._heard = whole[len(self._heard) :], whole
        if fresh.strip():
            self._show(self._vet(fresh))

    def interrupt(self) -> None:
        """End what was said: tools come first, and the answer after them."""
        if self.said:
            self._say("\n")
        self._heard, self.said = "", ""

    def end(self, answer: str) -> None:
        """Show what is missing of the checked answer."""
        shown = self.said if answer.startswith(self.said) else self.said.rstrip()
        if answer.startswith(shown):
            self._show(answer[len(shown) :])
        else:
            self._say(f"\n{answer}")
        self._say("\n")

    def _show(self, text: str) -> None:
        text = text if self.said else text.lstrip()
        self.said += text
        self._say(text)


def _whole(so_far: str) -> str:
    """Return the sentences that no further word can change: not the last, nor one whose citation may still come."""
    sentences = [sentence.text for sentence in sentences_of(so_far)]
    settled = sentences[:-2] if sentences and sentences[-1].lstrip().startswith("[") else sentences[:-1]
    whole = "".join(settled)
    quotes_open = whole.count('"') % 2 or whole.count("“") != whole.count("”")
    return "" if quotes_open else whole
