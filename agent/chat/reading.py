"""Reading a question without a model: what is asked, about which finding, of what.

Words decide, not sentences: each kind of question has words that speak for it, weighed and added up, after typing
errors were mended against the words known here. What no kind speaks for is not guessed at.
"""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from faultfinder.agent.chat.cues import COMMON, CUES, HOLDING, PREPOSITIONS, Ask

_LEAST = 4

_WHAT_ABOUT = re.compile(r"\b(?:what|how)\s+about\s+(.+)|^(?:(?:and|also|but)\s+)*(?:for|with|in|on|of)\s+(.+)")
_TAIL = re.compile(
    r"(?:,?\s*(?:too|as well|also|either|then|please|now|again|or not|right|instead|though|alone|only))+\s*$"
)
_CONFUSES = re.compile(
    r"\b(?:confuse[sd]?|confusing|mix(?:es)?\s+up|swap(?:s)?|mistake[sn]?)\s+(?:up\s+)?(.+?)\s+(?:and|with|for|or)\s+(.+)"
)
_APART = re.compile(
    r"\b(?:tell[s]?|keep[s]?|distinguish(?:es)?|differentiate[s]?|discriminate[s]?|separate[s]?)\s+(?:between\s+|apart\s+)?"
    r"(.+?)\s+(?:from|and)\s+(.+?)(?:\s+apart)?$"
)
_DIFFERENCE = re.compile(r"\bdifference\s+between\s+(.+?)\s+and\s+(.+)")
_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]|(?<!\w)['\u2018]([^'\u2019]+)['\u2019](?!\w)")
_ID = re.compile(r"\b([hq]\d+)(-[pc]\d+)?\b")
_NUMBERED = re.compile(r"\b(?:finding|failure|hypothesis|number|no\.?|nr\.?|result|#)\s*#?(\d+)\b|#(\d+)")
_ORDINALS = {
    "first": 0,
    "second": 1,
    "third": 2,
    "fourth": 3,
    "fifth": 4,
    "sixth": 5,
    "last": -1,
    "1st": 0,
    "2nd": 1,
    "3rd": 2,
}
_BACKWARD = frozenset(["that", "it", "this", "those", "these", "one", "they", "them"])
_WORD = re.compile(r"[a-z0-9][a-z0-9'-]*")


@dataclass(frozen=True)
class Reading:
    """What a question asks.

    Attributes:
        ask: Its kind; None where no kind speaks for it.
        what: What it asks about: the part of the inputs, the words, the texts.
        words: Its words, typing errors mended.
        ids: Ids of findings it names.
        case: Id of a case it names.
        number: The number of a finding it names, counted from 1.
        place: The place in the list that it names, as an index.
        backward: It points at what was spoken of last.
        quoted: The texts it quotes.
    """

    ask: Ask | None
    what: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    case: str | None = None
    number: int | None = None
    place: int | None = None
    backward: bool = False
    quoted: tuple[str, ...] = ()


def read(question: str, is_word: Callable[[str], bool], unanswerable: Container[Ask] = ()) -> Reading:
    """Read a question.

    Args:
        question: as it was typed.
        is_word: tells whether a word is one; those are never taken for typing errors.
        unanswerable: kinds that this audit has no answer to; nothing is taken for them.
    """
    quoted = tuple(first or second for first, second in _QUOTED.findall(question))
    lower = " ".join(question.lower().replace("\u2019", "'").split()).rstrip("?!. ")
    said = [word.removesuffix("'s") for word in _WORD.findall(_QUOTED.sub(" ", lower))]
    mended = tuple(word if is_word(word) else mend(word) for word in said)
    ids = tuple(dict.fromkeys(match.group(1) for match in _ID.finditer(lower)))
    case = next((match.group(0) for match in _ID.finditer(lower) if match.group(2)), None)
    number = next((int(a or b) for a, b in _NUMBERED.findall(lower)), None)
    ask, what = _asked(lower, mended, quoted, case, unanswerable)
    return Reading(
        ask=ask,
        what=what,
        words=mended,
        ids=ids,
        case=case,
        number=number,
        place=next((_ORDINALS[word] for word in mended if word in _ORDINALS and ask is not Ask.COMPARE), None),
        backward=bool(_BACKWARD & set(mended)),
        quoted=quoted,
    )


def _asked(
    lower: str, words: tuple[str, ...], quoted: tuple[str, ...], case: str | None, unanswerable: Container[Ask]
) -> tuple[Ask | None, tuple[str, ...]]:
    scores = {ask: _score(ask, words) for ask in CUES if ask not in unanswerable}
    if (
        {"start", "begin", "launch", "run"} & set(words)
        and "audit" in words
        and scores[Ask.AUDIT] >= scores[Ask.COMPARE]
    ):
        return Ask.AUDIT, ()
    if scores[Ask.QUEUE] >= 2 * _LEAST or {"queue", "enqueue"} & set(words):
        return Ask.QUEUE, _pair_in(lower) or _any_pair_in(lower)
    if scores[Ask.PAINT] >= 6 and {"paint", "draw", "generate", "render"} & set(words):
        return Ask.PAINT, quoted or _after(lower, ("paint", "draw", "generate", "render"))
    if len(quoted) == 2 and not HOLDING & set(words) and max(len(each.split()) for each in quoted) > 1:
        return Ask.TEXTS, quoted
    if quoted and scores[Ask.NEAR] >= _LEAST:
        return Ask.NEAR, quoted[:1]
    if pair := _pair_in(lower):
        return Ask.CONFUSES, pair
    if case is None and (part := _part_in(lower, words)):
        return (Ask.WHY, ()) if _only_points(part) else (Ask.HOLDS, (part,))
    best = max(scores, key=lambda ask: scores[ask])
    if (case and scores[best] < _LEAST + 2) or _only_points(" ".join(words)):
        return Ask.WHY, ()
    return (best, ()) if scores[best] >= _LEAST else (None, ())


def _score(ask: Ask, words: Iterable[str]) -> int:
    weights = _weights()[ask]
    return sum(weights.get(word, 0) for word in set(words))


def _pair_in(lower: str) -> tuple[str, str] | None:
    """Return the two words that a question asks the model to tell apart."""
    for pattern in (_CONFUSES, _DIFFERENCE, _APART):
        match = pattern.search(_QUOTED.sub(lambda m: m.group(1) or m.group(2), lower))
        if match:
            first, second = (_TAIL.sub("", part).strip(" '\"") for part in match.groups())
            if len(first.split()) == 1 and second:
                return first, second.split()[0].strip("'\",")
    return None


def _any_pair_in(lower: str) -> tuple[str, ...]:
    """Return two words with "and" or "or" between them."""
    match = re.search(r"(\w+)\s+(?:and|or|with|versus|vs)\s+(\w+)", lower)
    return match.groups() if match else ()


def _only_points(part: str) -> bool:
    """Tell whether words do nothing but point at a finding: "the second one", "h2", "finding 3"."""
    words = part.split()
    pointing = [word for word in words if word in _ORDINALS or _ID.fullmatch(word)]
    numbered = "finding" in words or "number" in words
    filling = {"the", "one", "and", "finding", "number", "hypothesis", "what", "about", *pointing}
    return bool(pointing or numbered) and all(word in filling or word.isdecimal() for word in words)


def _part_in(lower: str, mended: Sequence[str]) -> str | None:
    """Return the part of the inputs that a question asks about: what follows "does it hold for", "what about"."""
    text = " ".join(mended)
    match = _WHAT_ABOUT.search(text)
    if match and not _Q_WORDS.search(text[: match.start()]):
        return _trimmed(match.group(1) or match.group(2))
    if mended[:1] and mended[0] in ("why", "how", "what", "which", "show", "who"):
        return None
    for i, word in enumerate(mended):
        if word not in HOLDING:
            continue
        following = [j for j in range(i + 1, min(i + 5, len(mended))) if mended[j] in PREPOSITIONS]
        if following and following[0] + 1 < len(mended):
            return _trimmed(" ".join(mended[following[0] + 1 :]))
    return None


_Q_WORDS = re.compile(r"\b(?:compare|show)\b")


def _trimmed(part: str) -> str | None:
    return _TAIL.sub("", part).strip() or None


def _after(lower: str, verbs: Sequence[str]) -> tuple[str, ...]:
    match = re.search(rf"\b(?:{'|'.join(verbs)})\s+(?:me\s+)?(?:a picture of\s+|an image of\s+)?(.+)", lower)
    return (match.group(1),) if match else ()


@cache
def _weights() -> dict[Ask, dict[str, int]]:
    rows = {ask: [line.split() for line in cues.strip().splitlines()] for ask, cues in CUES.items()}
    return {ask: {word: int(weight) for weight, *cues in found for word in cues} for ask, found in rows.items()}


@cache
def known_words() -> frozenset[str]:
    """Return the words that questions are read by."""
    cues = {word for weights in _weights().values() for word in weights}
    return frozenset(cues | HOLDING | PREPOSITIONS | _BACKWARD | set(_ORDINALS) | COMMON)


@cache
def mend(word: str) -> str:
    """Return the word that was meant: itself, or the one word known here that a slip of the fingers away."""
    known = known_words()
    if word in known or not word.isalpha():
        return word
    near = [other for other in known if abs(len(other) - len(word)) <= 2 and _is_slip(word, other)]
    return min(near, key=lambda other: (_distance(word, other), -len(other), other)) if near else word


def _is_slip(word: str, other: str) -> bool:
    if len(word) <= 3 or len(other) <= 3:
        return sorted(word) == sorted(other) and word[0] == other[0] and _distance(word, other) == 1
    allowed = 1 if min(len(word), len(other)) <= 6 else 2
    return word[0] == other[0] and _distance(word, other) <= allowed


def _distance(a: str, b: str) -> int:
    """Return the optimal string alignment distance: insertions, deletions, exchanges and neighbours swapped."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            best = min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
