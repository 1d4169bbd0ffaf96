"""Which finding a question means: by id, by number, by words of its title, as "that", or the first that fits."""

from collections.abc import Sequence
from dataclasses import dataclass

from faultfinder.agent.chat.answers import FindingRow, FindingsListed
from faultfinder.agent.chat.cues import Ask
from faultfinder.agent.chat.reading import Reading
from faultfinder.agent.chat.saying import named
from faultfinder.agent.report.findings import Status
from faultfinder.tools.edits import Sentence
from faultfinder.tools.lexicon import Lexicon

_EMPTY_WORDS = """and are is the a an of go goes unnoticed confused confusing confuse presence more words word in no one
    not it with but over for"""
_EMPTY = frozenset(_EMPTY_WORDS.split())


@dataclass(frozen=True)
class Meant:
    """A finding, and how it came to be taken, where the question did not name it."""

    row: FindingRow
    taken: str = ""


def meant(
    reading: Reading, listed: FindingsListed, about: str | None, lexicon: Lexicon, besides: str = ""
) -> Meant | None:
    """Return the finding that a question means, or None where there is none at all.

    Args:
        reading: the question as it was read.
        listed: every finding.
        about: id of the finding last spoken of.
        lexicon: knows words that mean the same.
        besides: a part of the question that names something else.
    """
    rows = [*listed.findings, *listed.asked]
    named_row = _by_name(reading, rows, listed.findings)
    if named_row:
        return Meant(named_row)
    by_words = _by_words(reading, rows, lexicon, besides)
    if by_words:
        return Meant(_origin(by_words, rows) if reading.ask is Ask.HOLDS else by_words)
    wanted = _wanted(reading)
    fitting = [row for row in listed.findings if wanted is None or row.status is wanted]
    spoken_of = next((row for row in rows if row.id == about and (wanted is None or row.status is wanted)), None)
    if spoken_of:
        return Meant(_origin(spoken_of, rows) if reading.ask is Ask.HOLDS else spoken_of)
    if not fitting:
        return None
    taken = (
        f"Several findings could be meant; this is about the first: {named(fitting[0])}." if len(fitting) > 1 else ""
    )
    return Meant(fitting[0], taken)


def names_a_finding(part: str, listed: FindingsListed) -> FindingRow | None:
    """Return the finding that a few words are about and nothing else: "left and right"."""
    words = {word for word in Sentence(part.lower()).words if word not in _EMPTY}
    rows = (*listed.findings, *listed.asked)
    return next((row for row in rows if words and words <= {*row.words, *Sentence(row.title.lower()).words}), None)


def _by_name(reading: Reading, rows: Sequence[FindingRow], own: Sequence[FindingRow]) -> FindingRow | None:
    by_id = {row.id: row for row in rows}
    for key in (*reading.ids, f"h{reading.number}"):
        if key in by_id:
            return by_id[key]
    if reading.number is not None and 0 < reading.number <= len(own):
        return own[reading.number - 1]
    if reading.place is not None and -len(own) <= reading.place < len(own):
        return own[reading.place]
    return None


def _by_words(reading: Reading, rows: Sequence[FindingRow], lexicon: Lexicon, besides: str) -> FindingRow | None:
    """Return the finding whose title and words the question shares most with; None where it shares none."""
    elsewhere = set(Sentence(besides).words)
    said = [word for word in reading.words if word not in _EMPTY and word not in elsewhere]
    said += [word for text in reading.quoted for word in Sentence(text.lower()).words]
    scored = [(sum(_speaks(word, row, lexicon) for word in said), -i) for i, row in enumerate(rows)]
    best = max(scored, default=(0, 0))
    return rows[-best[1]] if best[0] > 0 else None


def _speaks(word: str, row: FindingRow, lexicon: Lexicon) -> float:
    """Rate how much a word of the question speaks for a finding: rarer words, and the title's, speak louder."""
    title = set(Sentence(row.title.lower()).words) - _EMPTY
    own = set(row.words) - _EMPTY
    for weight, words in ((2.0, title), (1.0, own)):
        if any(word == other or lexicon.differ_in_number(word, other) for other in words):
            return weight + 1 / (1 + len(own))
    return 0.0


def _wanted(reading: Reading) -> Status | None:
    """Return the verdict that a question speaks of."""
    for status, stems in (
        (Status.REFUTED, ("refuted", "rejected", "discarded", "dropped")),
        (Status.INCONCLUSIVE, ("inconclusive", "undecided", "open", "unproven")),
    ):
        if set(stems) & set(reading.words):
            return status
    return None


def _origin(row: FindingRow, rows: Sequence[FindingRow]) -> FindingRow:
    """Return the audit's own finding behind an experiment asked for: the next restriction is one of that."""
    parent = next((other for other in rows if other.id == row.parent), None)
    return parent if row.asked is not None and parent is not None else row
