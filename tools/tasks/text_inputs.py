"""Texts for a text model to answer, read from a file: with a reference answer and a topic where the file has them."""

from dataclasses import dataclass
from pathlib import Path

from faultfinder.memory.errors import CorpusError
from faultfinder.tools.corpus_readers import RawText, reader_for
from faultfinder.tools.several import names, several

_NO_TOPIC = "all"


@dataclass(frozen=True)
class TextInput:
    """A text to be answered.

    Attributes:
        key: Finds it again: 'news.jsonl, line 3'.
        text: The text.
        truth: A reference answer; empty where there is none.
        topic: The group it is counted under.
    """

    key: str
    text: str
    truth: str = ""
    topic: str = _NO_TOPIC


def read_texts(spec: str) -> list[TextInput]:
    """Read one file of texts, or several with commas between them; a text that several hold counts once.

    Raises:
        CorpusError: as `read_inputs` does.
    """
    found: dict[str, TextInput] = {}
    places = several(spec)
    for name, place in zip(names(places), places, strict=True):
        for one in read_inputs(Path(place).expanduser(), name):
            found.setdefault(one.text, one)
    return list(found.values())


def read_inputs(path: Path, name: str | None = None) -> list[TextInput]:
    """Read a .txt (one text a line), .jsonl or .csv file (text, and truth, reference or summary, and topic or group).

    Empty lines are left out, and a text that was read before.

    Args:
        path: the file.
        name: what keys call it; None for its own name.

    Raises:
        CorpusError: the file cannot be read, a line of it is unusable, or there is no text in it; the message names
            file and line.
    """
    found: dict[str, TextInput] = {}
    for entry in reader_for(path)(path):
        if not isinstance(entry, RawText):
            raise CorpusError(f"{path}, {entry.place}: {entry.detail}. Repair or remove it.")
        text = entry.text.strip()
        if text and text not in found:
            key = f"{name or path.name}, {entry.place}"
            found[text] = TextInput(key, text, (entry.truth or "").strip(), entry.group or _NO_TOPIC)
    if not found:
        raise CorpusError(f"{path}: no text in it. Put one on each line (.txt), or in the field 'text'.")
    return list(found.values())
