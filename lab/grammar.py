"""Parse captions: text to `Statement`, or None for whatever is no caption of the lab's world."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from faultfinder.lab import words
from faultfinder.lab.meaning import Meaning, Quantity, Sort, Statement, Thing
from faultfinder.lab.scenes import Relation


def parse_caption(text: str) -> Meaning | None:
    """The meaning of a caption; None if it is no sentence of the grammar or contradicts itself."""
    statement = parse_statement(text)
    return statement.meaning if statement else None


def parse_statement(text: str) -> Statement | None:
    """The same as `parse_caption`, keeping the order in which the things are said."""
    sentence = " ".join(text.lower().split()).removesuffix(".")
    for frame in _frames():
        match = frame.pattern.fullmatch(sentence)
        if match:
            return _read(match, frame.plural)
    return None


@dataclass(frozen=True)
class _Frame:
    """One sentence frame; `plural` is the number its verb asks of the first thing, None where it asks nothing."""

    pattern: re.Pattern[str]
    plural: bool | None


@cache
def _frames() -> tuple[_Frame, ...]:
    body = _body()
    frames = [_Frame(re.compile(frame.format(body)), _verb_number(frame)) for frame in words.FRAMES]
    return (*frames, _Frame(re.compile(f"there are {body}"), plural=True))


def _verb_number(frame: str) -> bool | None:
    return False if " is " in frame else None


def _body() -> str:
    joiners = [joiner for group in words.JOINERS.values() for joiner in group] + list(words.UNDERSTOOD_JOINERS)
    second = f" {_any(joiners, 'joiner')} {_thing('_1')}"
    absent = f" {_any(words.DENIALS)} {_sort('_absent', words.SINGULAR)}"
    background = _any(words.BACKGROUNDS, "background")
    return f"{_thing('_0')}(?:{second}|{absent})?(?: {_any(words.GROUNDS)} a {background} background)?"


def _thing(suffix: str) -> str:
    return f"{_any(words.QUANTITIES, 'quantity' + suffix)} {_sort(suffix, [*words.SINGULAR, *words.PLURAL])}"


def _sort(suffix: str, nouns: Iterable[str]) -> str:
    size = _any(words.SIZES, "size" + suffix)
    return f"(?:{size} )?{_any(words.COLOURS, 'colour' + suffix)} {_any(nouns, 'noun' + suffix)}"


def _any(choices: Iterable[str], name: str = "") -> str:
    return f"(?{f'P<{name}>' if name else ':'}{'|'.join(choices)})"


def _read(match: re.Match[str], plural: bool | None) -> Statement | None:
    """The statement that a matched sentence makes, unless number or sense forbid it."""
    said = {name: word for name, word in match.groupdict().items() if word is not None}
    things = [_read_thing(said, suffix) for suffix in ("_0", "_1") if "noun" + suffix in said]
    agreed = [thing for thing in things if thing is not None]
    if len(agreed) < len(things) or (plural is not None and plural == (agreed[0].quantity is Quantity.ONE)):
        return None
    absent = _read_sort(said, "_absent") if "noun_absent" in said else None
    background = words.BACKGROUNDS[said["background"]] if "background" in said else None
    statement = Statement(tuple(agreed), _relation(said.get("joiner")), absent, background)
    return None if statement.meaning.contradicts_itself else statement


def _read_thing(said: dict[str, str], suffix: str) -> Thing | None:
    """The thing said under the suffix; None if its number word and its noun disagree."""
    quantity = words.QUANTITIES[said["quantity" + suffix]]
    if (quantity is Quantity.ONE) != (said["noun" + suffix] in words.SINGULAR):
        return None
    return Thing(quantity, _read_sort(said, suffix))


def _read_sort(said: dict[str, str], suffix: str) -> Sort:
    shape = {**words.SINGULAR, **words.PLURAL}[said["noun" + suffix]]
    size = said.get("size" + suffix)
    return Sort(shape, words.COLOURS[said["colour" + suffix]], words.SIZES[size] if size else None)


def _relation(joiner: str | None) -> Relation | None:
    return next((relation for relation, joiners in words.JOINERS.items() if joiner in joiners), None)
