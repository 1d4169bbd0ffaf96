"""WordNet as a compact table: words to senses, senses to their relations, inflected words to their lemmas.

Made by build_lexicon.py from WordNet 3.0 (licence beside the table); entries are unpacked when first asked for.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

FILE_OF_TABLE = "lexicon.json.gz"

_SUFFIXES = {
    "n": ("s:", "ses:s", "xes:x", "zes:z", "ches:ch", "shes:sh", "men:man", "ies:y", "ves:f"),
    "v": ("s:", "ies:y", "es:e", "es:", "ed:e", "ed:", "ied:y", "ing:e", "ing:"),
    "a": ("er:", "est:", "er:e", "est:e"),
    "r": (),
}
_DOUBLED = ("ing", "ed", "er", "est")
_SHORTEST_STEM = 2


@dataclass(frozen=True)
class Sense:
    """One meaning of a word.

    Attributes:
        lemma: The word's dictionary form.
        pos: n, v, a or r.
        synset: Number of its set of synonyms.
        weight: How often the sense was met in tagged text, plus 1 / its rank, so that later senses weigh less.
    """

    lemma: str
    pos: str
    synset: int
    weight: float


@dataclass(frozen=True)
class Synset:
    """A set of synonyms: its lexicographers' file and the synsets above it, like it, and that it is a part of."""

    file: int
    up: tuple[int, ...]
    like: tuple[int, ...]
    whole: tuple[int, ...]


class WordNet:
    """The table, opened."""

    def __init__(self, packed: bytes) -> None:
        """Open the gzipped JSON that build_lexicon.py writes."""
        content = json.loads(gzip.decompress(packed))
        self._words: dict[str, str] = content["words"]
        self._synsets: list[str] = content["synsets"]
        self._labels: dict[str, str] = content["labels"]
        self._forms: dict[str, str] = content["forms"]
        self._glosses: dict[str, str] = content["glosses"]
        self._antonym_lines: list[str] = content["antonyms"]

    @staticmethod
    @cache
    def load() -> "WordNet":
        """Open the table that ships with the package, once a process."""
        return WordNet(files("faultfinder.tools").joinpath("data", FILE_OF_TABLE).read_bytes())

    @cache  # noqa: B019 - one table a process
    def lemmas(self, word: str) -> frozenset[tuple[str, str]]:
        """Return the (lemma, part of speech) a word may be a form of; empty for unknown words."""
        word = word.lower()
        own = {(word, sense.pos) for sense in self._entry(word)}
        irregular = {(lemma, pos) for pos, _, lemma in (f.partition(":") for f in self._forms.get(word, "").split())}
        regular = {(stem, pos) for pos in _SUFFIXES for stem in _stems(word, pos) if self._has(stem, pos)}
        settled = {pos for _, pos in irregular}
        return frozenset(own | irregular | {(stem, pos) for stem, pos in regular if pos not in settled})

    @cache  # noqa: B019
    def senses(self, word: str) -> tuple[Sense, ...]:
        """Return all senses of a word and of the lemmas it may be a form of, the heaviest first."""
        found = {s for lemma, pos in self.lemmas(word) for s in self._entry(lemma) if s.pos == pos}
        return tuple(sorted(found, key=lambda sense: (-sense.weight, sense.synset)))

    @cache  # noqa: B019
    def synset(self, number: int) -> Synset:
        """Return a synset's relations."""
        file, *related = self._synsets[number].split(";")
        up, like, whole = (tuple(map(int, filter(None, r.split(",")))) for r in [*related, "", "", ""][:3])
        return Synset(int(file), up, like, whole)

    @cache  # noqa: B019
    def ancestors(self, number: int) -> dict[int, int]:
        """Return the synset itself and everything above it, with the steps there."""
        steps, level = {number: 0}, [number]
        while level:
            level = [up for below in level for up in self.synset(below).up if up not in steps]
            steps |= dict.fromkeys(level, max(steps.values()) + 1)
        return steps

    def label(self, number: int) -> str | None:
        """Return the first word of a synset that has others below it; None for the rest."""
        return self._labels.get(str(number))

    @cache  # noqa: B019
    def gloss(self, number: int) -> frozenset[str]:
        """Return the telling words of a verb's or an adjective's definition; empty for rare ones."""
        return frozenset(self._glosses.get(str(number), "").split())

    @cached_property
    def members(self) -> dict[int, tuple[str, ...]]:
        """Return synset -> its words, the most often met first."""
        met: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for word, codes in self._words.items():
            for code in codes.split():
                number, _, count = code[1:].partition(":")
                met[int(number)].append((-int(count or 0), word))
        return {number: tuple(word for _, word in sorted(found)) for number, found in met.items()}

    @cached_property
    def antonyms(self) -> dict[int, dict[int, frozenset[str]]]:
        """Return synset -> opposed synset -> the two words that are antonyms."""
        table: dict[int, dict[int, frozenset[str]]] = defaultdict(dict)
        for line in self._antonym_lines:
            a, b, x, y = line.split("|")
            table[int(x)][int(y)] = table[int(y)][int(x)] = frozenset({a.lower(), b.lower()})
        return dict(table)

    @cache  # noqa: B019
    def _entry(self, word: str) -> tuple[Sense, ...]:
        senses: list[Sense] = []
        for rank_and_code in _ranked(self._words.get(word, "").split()):
            rank, code = rank_and_code
            number, _, count = code[1:].partition(":")
            senses.append(Sense(word, code[0], int(number), int(count or 0) + 1 / rank))
        return tuple(senses)

    def _has(self, word: str, pos: str) -> bool:
        return any(sense.pos == pos for sense in self._entry(word))


def _ranked(codes: list[str]) -> Iterator[tuple[int, str]]:
    """Number the senses from 1 within their part of speech."""
    ranks: dict[str, int] = defaultdict(int)
    for code in codes:
        ranks[code[0]] += 1
        yield ranks[code[0]], code


def _stems(word: str, pos: str) -> Iterator[str]:
    for rule in _SUFFIXES[pos]:
        ending, _, put = rule.partition(":")
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < _SHORTEST_STEM or (pos == "n" and word.endswith(("ss", "us", "is"))):
            continue
        yield stem + put
        if ending in _DOUBLED and stem[-1] == stem[-2]:
            yield stem[:-1]
