"""What WordNet lacks, by hand: read from data/words.toml.

Words for places, quantities, negation and time, the classes everyday words form, and the sets of words that may be said
of the same thing. The list is short on purpose: everything else comes from WordNet or stays undecided.
"""

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import combinations, product
from typing import Any

ARTICLES = frozenset({"a", "an", "the"})

DETERMINERS = ARTICLES | frozenset(
    {"this", "that", "these", "those", "some", "his", "her", "its", "their", "my", "your", "our"}
)
"""Exchanging one for another changes nothing that can be seen, unless the word list knows better (his, her)."""

UNNAMED = ""
"""Name of classes that serve the judgement only."""


@dataclass(frozen=True)
class WordClass:
    """A named class of words.

    Attributes:
        name: What a group of such words is called, in the plural.
        groups: Words that may be said of the same thing, a tuple each.
        apart: Pairs of group positions that exclude each other.
        close: Pairs of words that may overlap although their groups stand apart.
    """

    name: str
    groups: tuple[tuple[str, ...], ...]
    apart: frozenset[frozenset[int]]
    close: frozenset[frozenset[str]]

    @cached_property
    def groups_of(self) -> dict[str, frozenset[int]]:
        """Return word -> positions of its groups."""
        words = {word for group in self.groups for word in group}
        return {word: frozenset(i for i, group in enumerate(self.groups) if word in group) for word in words}

    def excludes(self, a: str, b: str) -> bool:
        """Tell whether two words of the class cannot both be said of the same thing."""
        pairs = product(self.groups_of[a], self.groups_of[b])
        return frozenset({a, b}) not in self.close and all(frozenset(pair) in self.apart for pair in pairs)


@dataclass(frozen=True)
class WordList:
    """The whole list.

    Attributes:
        classes: Named classes of words that exclude each other.
        negations: Adding or dropping one changes the meaning.
        reversing: Adjectives and adverbs that undo what they are added to.
        symmetric: Relations that hold both ways, of one word or several.
        asymmetric: Words of relations that do not hold the other way round.
        function: Words of grammar.
        vague: Words that differ from no other by WordNet's distances alone, words of grammar among them.
        people: Words for persons that WordNet files under groups.
        unsaying: Names that say too little of a group.
        compatible: Sets of words that may be said of the same thing.
    """

    classes: tuple[WordClass, ...]
    negations: frozenset[str]
    reversing: frozenset[str]
    symmetric: frozenset[str]
    asymmetric: frozenset[str]
    function: frozenset[str]
    vague: frozenset[str]
    people: frozenset[str]
    unsaying: frozenset[str]
    compatible: tuple[frozenset[str], ...]

    @staticmethod
    @cache
    def load() -> "WordList":
        """Read the list that ships with the package, once a process."""
        text = files("faultfinder.tools").joinpath("data", "words.toml").read_text(encoding="utf-8")
        content = tomllib.loads(text)
        plain = ("negations", "reversing", "asymmetric", "function", "people", "unsaying")
        return WordList(
            classes=tuple(map(_word_class, content["class"])),
            symmetric=frozenset(content["symmetric"].strip().splitlines()),
            vague=frozenset(f"{content['vague']} {content['function']}".split()),
            compatible=tuple(frozenset(_split(line)) for line in content["compatible"].strip().splitlines()),
            **{name: frozenset(content[name].split()) for name in plain},
        )


def _split(line: str) -> tuple[str, ...]:
    return tuple(" ".join(word.split()) for word in line.split(","))


def _word_class(entry: dict[str, Any]) -> WordClass:
    groups = tuple(_split(group) for group in entry["groups"])
    apart = entry.get("apart", combinations(range(len(groups)), 2))
    close = (pair.split("~") for pair in entry.get("close", "").split())
    return WordClass(entry["name"], groups, frozenset(map(frozenset, apart)), frozenset(map(frozenset, close)))
