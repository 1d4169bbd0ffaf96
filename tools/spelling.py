"""Spellings of one word: hyphens and blanks, British and American endings."""

import re

_BRITISH = (
    (re.compile(r"our(?=s?$|ed$|ing$|ful$|less$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})is(?=e[sd]?$|ing$)"), "iz"),
    (re.compile(r"(?<=[bt])re(?=s?$|d$)"), "er"),
    (re.compile(r"ogue(?=s?$)"), "og"),
    (re.compile(r"ll(?=ed$|ing$|er$)"), "l"),
    (re.compile(r"(?<=g)rey"), "ray"),
    (re.compile(r"^doughnut"), "donut"),
)
_LONG_ENOUGH = 4


def same_spelling(a: str, b: str) -> bool:
    """Tell whether two lower-case words are spellings of one: colour/color, t-shirt/tshirt, doughnut/donut."""
    if a == b:
        return True
    return min(len(a), len(b)) >= _LONG_ENOUGH and _normal(a) == _normal(b)


def _normal(word: str) -> str:
    word = re.sub(r"[-'\s]", "", word)
    for pattern, put in _BRITISH:
        word = pattern.sub(put, word)
    return word
