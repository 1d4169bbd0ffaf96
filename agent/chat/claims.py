"""The numbers of a sentence, held against the numbers of what it cites."""

import re
from collections.abc import Iterable, Sequence

from faultfinder.agent.chat.citing import Cited, Share
from faultfinder.agent.chat.sentences import Sentence
from faultfinder.memory.records import Outcome, Role

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty"""
_WORDS = {word: value for value, word in enumerate(_SMALL.split())} | {
    "none": 0, "no": 0, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_COUNTS = [word for word in _WORDS if word not in ("no", "none", "one")]
_NUMBER = rf"(?:\d[\d,]*|{'|'.join(_WORDS)})"
_SHARE = re.compile(
    rf"\b({_NUMBER})\s+(?:out\s+)?of\s+(?:the\s+|its\s+|all\s+)?({_NUMBER})\b((?:\s+\w+){{0,4}})", re.IGNORECASE
)
_ALL = re.compile(
    r"\b(all|every|each|none|no)\b\s+(?:of\s+)?(?:the\s+|its\s+)?(\d+\s+)?(probe|control)s?\s+((?:\w+\s+)?(?:fail|pass)\w*)",
    re.IGNORECASE,
)
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_POWER = re.compile(r"(\d+(?:\.\d+)?)\s*(?:[\u00d7x*]\s*10\s*\^?|e)\s*(-?\d+)", re.IGNORECASE)
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:\u2013|-|to)\s*(\d+(?:\.\d+)?)\s*%")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|per\s?cent)")
_PLAIN = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?![\w])")
_WHOLE = 2
"""Below this a number without decimals is a count, not a measurement rounded."""

_COUNTED = re.compile(
    rf"\b({'|'.join(_COUNTS)})\b(?=\s+(?:\w+\s+){{0,2}}(?:failures?|findings?|probes?|controls?|cases?|hypothes\w+|tests?)\b)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*\d+[.)]\s")


def numbers_agree(sentence: Sentence, cited: Sequence[Cited], question: str = "") -> str | None:
    """Return which number stands in none of what is cited, or None."""
    roles = {role for role in Role if re.search(rf"\b{role}s?\b", sentence.bare, re.IGNORECASE)}
    known = {value for each in cited for value in each.numbers_of(roles)} | set(map(float, _plain(question)))
    rest = _without_names(sentence.bare.translate(_SUPERSCRIPTS), cited)
    for pattern, matches in ((_POWER, _is_power), (_RANGE, _are_percents), (_PERCENT, _is_percent)):
        for match in pattern.finditer(rest):
            if not matches(match, known):
                return _unknown(match.group(0), cited)
        rest = pattern.sub(" ", rest)
    rest = _COUNTED.sub(lambda match: str(_value(match.group(1))), rest)
    for number in _plain(_BULLET.sub("", rest)):
        if not any(_rounds_to(value, number) for value in known):
            return _unknown(number, cited)
    return None


def arms_agree(sentence: Sentence, cited: Sequence[Cited]) -> str | None:
    """Return which "k of n" is not a count of what is cited, in its arm and with its outcome; or None."""
    shares = {share for each in cited for share in each.shares}
    for match in _SHARE.finditer(_without_names(sentence.bare, cited)):
        part, whole = (_value(group) for group in match.groups()[:2])
        after = match.group(3)
        said = Share(part, whole, _role(after), _outcome(after))
        if not any(_fits(said, share) for share in shares):
            return f"“{match.group(0).strip()}” is no count of {', '.join(each.id for each in cited)}"
    return None


def quantifiers_agree(sentence: Sentence, cited: Sequence[Cited]) -> str | None:
    """Return which "all probes fail" or "no control fails" does not hold of a finding cited, or None."""
    for match in _ALL.finditer(sentence.bare):
        quantifier, _, role, predicate = match.groups()
        for each in (c for c in cited if c.counts):
            arm = each.counts[Role(role.lower())]
            failing = "fail" in predicate.lower()
            hits, scored = (arm.fail if failing else arm.passed), arm.fail + arm.passed
            wanted = 0 if quantifier.lower() in ("no", "none") else scored
            if hits != wanted or not scored:
                return f"“{match.group(0)}” does not hold of {each.id}: {hits} of {scored} do"
    return None


def _fits(said: Share, share: Share) -> bool:
    if (said.part, said.whole) != (share.part, share.whole):
        return False
    roles_fit = said.role is None or share.role is None or said.role is share.role
    return roles_fit and (said.outcome is None or share.outcome is None or said.outcome is share.outcome)


def _role(after: str) -> Role | None:
    found = re.search(r"\b(probe|control)s?\b", after, re.IGNORECASE)
    return Role(found.group(1).lower()) if found else None


def _outcome(after: str) -> Outcome | None:
    for pattern, outcome in (
        (r"\bfail\w*", Outcome.FAIL),
        (r"\bpass\w*", Outcome.PASS),
        (r"\binvalid", Outcome.INVALID),
    ):
        if re.search(pattern, after, re.IGNORECASE):
            return outcome
    return None


def _value(text: str) -> int:
    return _WORDS[text.lower()] if text.lower() in _WORDS else int(text.replace(",", ""))


def _without_names(text: str, cited: Sequence[Cited]) -> str:
    """Leave out what names a thing cited: a title may hold numbers of its own."""
    for name in sorted((text for each in cited for text in each.texts[:1] if each.status), key=len, reverse=True):
        text = text.replace(name, " ")
    return text


def _plain(text: str) -> list[str]:
    return [match.group(0).replace(",", "") for match in _PLAIN.finditer(text)]


def _is_power(match: re.Match[str], known: Iterable[float]) -> bool:
    digits, exponent = match.groups()
    said = float(f"{digits}e{exponent}")
    places = len(digits.partition(".")[2])
    return any(value != 0 and f"{value:.{places}e}" == f"{said:.{places}e}" for value in known)


def _are_percents(match: re.Match[str], known: Iterable[float]) -> bool:
    values = tuple(known)
    return all(any(_rounds_to(100 * value, said) for value in values) for said in match.groups())


def _is_percent(match: re.Match[str], known: Iterable[float]) -> bool:
    return any(_rounds_to(100 * value, match.group(1)) for value in known)


def _rounds_to(value: float, said: str) -> bool:
    """Tell whether a value, rounded as the sentence rounds, is what it says."""
    places = len(said.partition(".")[2])
    if not places and abs(value) < _WHOLE:
        return value == float(said)
    return abs(value - float(said)) <= 0.5 * 10.0**-places * 1.0001


def _unknown(number: str, cited: Sequence[Cited]) -> str:
    return f"“{number.strip()}” is no number of {', '.join(each.id for each in cited)}"
