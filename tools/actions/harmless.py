"""Variations of a text that nobody would answer differently: what an answer's usual wobble is measured with.

They are smaller than any edit of the space: the final stop left out or added, sentences set apart by two blanks or an
empty line, quotation marks curled, one contraction made or written out, one word exchanged for a synonym.
"""

from faultfinder.tools.actions.passages import Passage
from faultfinder.tools.actions.word_edits import contracted, exchanged_synonyms, expanded

_ONE = 1e-9
"""A share so small that one place is touched."""

_SYNONYM_SEEDS = (0, 1, 2)


def harmless(text: str) -> list[str]:
    """Return the variations that a text has, at least one for a text with a word in it, none equal to the text."""
    passage = Passage(text)
    if not passage.words:
        return []
    said = passage.sentences
    found = [_stop_turned(text), "  ".join(said), "\n\n".join(said), _curled(text)]
    edits = [contracted(passage, _ONE), expanded(passage, _ONE)]
    edits += [exchanged_synonyms(Passage(text, seed), _ONE) for seed in _SYNONYM_SEEDS]
    found += [edit.text for edit in edits if edit is not None]
    return list(dict.fromkeys(other for other in found if other != text))


def _stop_turned(text: str) -> str:
    return text.rstrip()[:-1] if text.rstrip().endswith(".") else f"{text.rstrip()}."


def _curled(text: str) -> str:
    parts = text.split('"')
    curled = "".join(part + ("“" if number % 2 == 0 else "”") for number, part in enumerate(parts[:-1])) + parts[-1]
    return (curled if len(parts) % 2 else text).replace("'", "\u2019")
