"""Cutting an answer into sentences, and sentences into what they quote, cite and say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

CITATION = re.compile(r"\[([A-Za-z][\w.-]*(?:\s*,\s*[A-Za-z][\w.-]*)*)\]")
"""One id in brackets, or several with commas between them: [h3], [h3-p07, h3-p08]."""

_QUOTES = (
    re.compile(r"“([^“”\n]+)”"),
    re.compile(r'"([^"\n]+)"'),
    re.compile(r"(?<![\w])['\u2018]((?:[^'\u2018\u2019\n]|(?<=\w)['\u2019](?=\w))+)['\u2019](?!\w)"),
)
_CODE = re.compile(r"`(?:faultfinder |--)[^`\n]*`|`?(?<!\w)[\w./-]*/[\w./-]*\.(?:png|html|json|jsonl)\b`?")
"""Commands to type and files to open: nothing that could be borne out."""

_END = re.compile(r"(?<=[.!?])(\s+)(?=\S)|(\n+)")
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|vs|cf|etc|approx|no|p|fig)\.$", re.IGNORECASE)
_HOLE = "\x00"


@dataclass(frozen=True)
class Sentence:
    """One sentence of an answer.

    Attributes:
        text: As it was written, white space around it included.
        bare: Without citations, quoted texts and commands.
        cites: The ids it cites, in order.
        quotes: The texts it quotes.
    """

    text: str
    bare: str
    cites: tuple[str, ...]
    quotes: tuple[str, ...]

    def clause_of(self, cited: str) -> str:
        """Return the part of the sentence, without quotations, that an id is cited in."""
        masked = _without(_CODE, _without_quotes(self.text))
        for clause in _clauses(masked):
            if cited in ids_in(clause):
                return CITATION.sub(" ", clause)
        return self.bare


def sentences_of(answer: str) -> list[Sentence]:
    """Cut an answer into sentences, which together are the answer; a citation after a full stop belongs before it."""
    pieces = _joined(list(_pieces(answer)))
    return [_read(piece) for piece in pieces if piece]


def ids_in(text: str) -> tuple[str, ...]:
    """Return the ids that a text cites."""
    return tuple(part.strip() for group in CITATION.findall(text) for part in group.split(","))


def _pieces(answer: str) -> Iterator[str]:
    masked, begin = _masked(answer), 0
    for match in _END.finditer(masked):
        if match.group(1) and _ABBREVIATED.search(masked[: match.start()]):
            continue
        yield answer[begin : match.end()]
        begin = match.end()
    yield answer[begin:]


def _joined(pieces: list[str]) -> list[str]:
    """Give pieces that are nothing but citations to the sentence before them."""
    joined: list[str] = []
    for piece in pieces:
        rest = piece.lstrip()
        leading = re.match(rf"(?:{CITATION.pattern}[\s.;,]*)+(?=$|[A-Z“\"\n-])", rest)
        if joined and leading and joined[-1].rstrip(" ")[-1:] != "\n" and not ids_in(joined[-1]):
            joined[-1] += piece[: len(piece) - len(rest)] + leading.group(0)
            piece = rest[leading.end() :]
        joined.append(piece)
    return joined


def _read(text: str) -> Sentence:
    coded = _without(_CODE, text)
    quotes, rest = [], coded
    for pattern in _QUOTES:
        quotes += pattern.findall(rest)
        rest = pattern.sub(" _ ", rest)
    return Sentence(text, CITATION.sub(" ", rest), ids_in(rest), tuple(quotes))


def _masked(answer: str) -> str:
    """Blank out quotations and commands, length for length, so that nothing is cut inside of one."""
    for pattern in (_CODE, *_QUOTES):
        answer = pattern.sub(lambda match: _HOLE * len(match.group(0)), answer)
    return answer


def _without_quotes(text: str) -> str:
    for pattern in _QUOTES:
        text = pattern.sub(" _ ", text)
    return text


def _without(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(" ", text)


def _clauses(text: str) -> list[str]:
    return re.split(r";|\s(?:but|while|whereas|although)\s|,\s+and\s+(?=\[)", text)
