"""Make the compact lexicon from WordNet's database files: ``python -m faultfinder.tools.build_lexicon --wordnet DIR``.

Kept are the words a description of the world is made of: lemmas in lower case with their senses in order of frequency,
their similar adjectives, antonyms, hypernyms, wholes, files and frequencies, the telling words of some definitions, and
the irregular forms. Left out are proper and Latin names, examples, and every relation the judgement of meaning does not
use. File format: the manual pages ``wndb(5WN)``, ``cntlist(5WN)`` and ``lexnames(5WN)`` of WordNet 3.0.
"""

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from faultfinder.memory.errors import FaultfinderError

FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
"""Part of speech to the ending of WordNet's files."""

KINDS = {"@": "up", "&": "like", "!": "against", "#p": "whole", "$": "like"}
"""WordNet's pointer symbols that are kept, and the relation they become."""

MADE_THINGS = frozenset({6, 13})
"""Files of artifacts and food, lexnames(5WN): their names in capitals are trade marks used as words (Frisbee, Jeep)."""

DATA = Path(__file__).with_name("data")
COMMONPLACE = 150
"""A word in more definitions than this tells nothing about any of them."""

_WORD = re.compile("[a-z]{3,}")
_HEAD_POSITION = 4
_NUMBER_OF_TYPE = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}


@dataclass(frozen=True)
class Pointer:
    """A relation from one synset (or one of its words, from 1) to another."""

    kind: str
    synset: str
    source: int
    target: int


@dataclass(frozen=True)
class Synset:
    """One line of a data file. Keys are part of speech and offset: ``n02084071``."""

    key: str
    file: int
    words: tuple[str, ...]
    pointers: tuple[Pointer, ...]
    gloss: str


def parse_line(line: str) -> Synset:
    """Parse one line of WordNet's ``data.*`` files."""
    data, _, gloss = line.partition("|")
    fields = data.split()
    pos = "a" if fields[2] == "s" else fields[2]
    count = int(fields[3], 16)
    after = _HEAD_POSITION + 2 * count
    words = tuple(_plain(word) for word in fields[_HEAD_POSITION:after:2])
    number = int(fields[after])
    quads = [fields[after + 1 + 4 * i : after + 5 + 4 * i] for i in range(number)]
    pointers = tuple(
        Pointer(KINDS[kind], ("a" if p == "s" else p) + offset, int(ends[:2], 16), int(ends[2:], 16))
        for kind, offset, p, ends in quads
        if kind in KINDS
    )
    return Synset(pos + fields[0], int(fields[1]), words, pointers, gloss)


def build(folder: Path) -> dict[str, object]:
    """Return the lexicon's content as JSON-ready data.

    Raises:
        FaultfinderError: The folder does not hold WordNet's database.
    """
    synsets = {synset.key: synset for pos in FILES for synset in map(parse_line, _lines(folder, "data", pos))}
    entries = _entries(folder)
    kept = {key for senses in entries.values() for key, _ in senses}
    kept |= _ancestors(synsets, kept)
    order = {key: number for number, key in enumerate(sorted(kept))}
    return {
        "words": {word: _encode_senses(senses, order) for word, senses in sorted(entries.items())},
        "synsets": [_encode_synset(synsets[key], order) for key in order],
        "labels": {str(order[key]): synsets[key].words[0] for key in sorted(_inner(synsets, order))},
        "antonyms": _antonyms(synsets, order),
        "glosses": _glosses(synsets, entries, order),
        "forms": _forms(folder, entries),
    }


def _inner(synsets: dict[str, Synset], order: dict[str, int]) -> set[str]:
    """Return the synsets that have others below them: what a group of words can be called by."""
    return {pointer.synset for key in order for pointer in synsets[key].pointers if pointer.kind == "up"}


def _plain(word: str) -> str:
    return word.partition("(")[0].replace("_", " ")


def _lines(folder: Path, stem: str, pos: str) -> Iterator[str]:
    path = folder / f"{stem}.{FILES[pos]}"
    if not path.is_file():
        raise FaultfinderError(
            f"{path}: not there. Name the folder of WordNet's database files (Debian: wordnet-base)."
        )
    with path.open(encoding="utf-8") as lines:
        yield from (line for line in lines if not line.startswith("  "))


def _entries(folder: Path) -> dict[str, list[tuple[str, int]]]:
    """Return word -> [(synset key, how often it was met in tagged text)], the most frequent of each part first."""
    counts = _counts(folder)
    entries: dict[str, list[tuple[str, int]]] = defaultdict(list)
    names = _proper_names(folder)
    for pos in FILES:
        for line in _lines(folder, "index", pos):
            fields = line.split()
            offsets = fields[-int(fields[2]) :]
            word = fields[0].replace("_", " ")
            for sense, offset in enumerate(offsets, 1):
                if (word, pos + offset) not in names:
                    entries[word].append((pos + offset, counts.get((fields[0], pos, sense), 0)))
    return {word: senses for word, senses in entries.items() if senses and _is_usable(word)}


def _is_usable(word: str) -> bool:
    return word.count(" ") <= 1 and not any(sign in word for sign in "./") and len(word) > 1


def _proper_names(folder: Path) -> set[tuple[str, str]]:
    """Return the (lower-case word, synset) that are written with a capital: names of people, places, species."""
    synsets = (synset for synset in map(parse_line, _lines(folder, "data", "n")) if synset.file not in MADE_THINGS)
    return {(word.lower(), synset.key) for synset in synsets for word in synset.words if word != word.lower()}


def _counts(folder: Path) -> dict[tuple[str, str, int], int]:
    counts: dict[tuple[str, str, int], int] = {}
    with (folder / "cntlist.rev").open(encoding="utf-8") as lines:
        for line in lines:
            key, sense, count = line.split()
            lemma, _, rest = key.partition("%")
            counts[(lemma, _NUMBER_OF_TYPE[rest[0]], int(sense))] = int(count)
    return counts


def _ancestors(synsets: dict[str, Synset], keys: set[str]) -> set[str]:
    seen: set[str] = set()
    stack = list(keys)
    while stack:
        for pointer in synsets[stack.pop()].pointers:
            if pointer.kind == "up" and pointer.synset not in seen:
                seen.add(pointer.synset)
                stack.append(pointer.synset)
    return seen


def _encode_senses(senses: Sequence[tuple[str, int]], order: dict[str, int]) -> str:
    return " ".join(f"{key[0]}{order[key]}" + (f":{count}" if count else "") for key, count in senses)


def _encode_synset(synset: Synset, order: dict[str, int]) -> str:
    """Write a synset as ``file;hypernyms;similar;wholes``, numbers separated by commas."""
    related: dict[str, list[str]] = defaultdict(list)
    for pointer in synset.pointers:
        if pointer.synset in order and pointer.kind != "against":
            related[pointer.kind].append(str(order[pointer.synset]))
    parts = [str(synset.file), *(",".join(related[kind]) for kind in ("up", "like", "whole"))]
    return ";".join(parts).rstrip(";")


def _antonyms(synsets: dict[str, Synset], order: dict[str, int]) -> list[str]:
    """Return ``word|word|synset|synset``, each pair of antonyms once."""
    return sorted(
        f"{synset.words[p.source - 1]}|{synsets[p.synset].words[p.target - 1]}|{order[key]}|{order[p.synset]}"
        for key in order
        for synset in [synsets[key]]
        for p in synset.pointers
        if p.kind == "against" and p.source and key < p.synset and p.synset in order
    )


def _glosses(
    synsets: dict[str, Synset], entries: dict[str, list[tuple[str, int]]], order: dict[str, int]
) -> dict[str, str]:
    """Return the telling words of the definitions of verbs and adjectives that were met in tagged text."""
    met = {key for senses in entries.values() for key, count in senses if count and key[0] in "va"}
    telling = {
        key: [w for w in dict.fromkeys(_WORD.findall(synsets[key].gloss.partition('"')[0])) if w in entries]
        for key in sorted(met)
    }
    spread = Counter(word for words in telling.values() for word in words)
    kept = {key: [word for word in words if spread[word] <= COMMONPLACE] for key, words in telling.items()}
    return {str(order[key]): " ".join(words) for key, words in kept.items() if words}


def _forms(folder: Path, entries: dict[str, list[tuple[str, int]]]) -> dict[str, str]:
    """Return irregular form -> ``pos:lemma``, several separated by blanks; words of one piece only."""
    forms: dict[str, list[str]] = defaultdict(list)
    for pos in FILES:
        for line in _exceptions(folder, pos):
            form, *lemmas = line.split()
            forms[form] += [f"{pos}:{lemma}" for lemma in lemmas if lemma in entries and "_" not in form]
    return {form: " ".join(lemmas) for form, lemmas in sorted(forms.items()) if lemmas}


def _exceptions(folder: Path, pos: str) -> list[str]:
    return (folder / f"{FILES[pos]}.exc").read_text(encoding="utf-8").splitlines()


def write(content: dict[str, object], path: Path) -> int:
    """Write the lexicon gzipped, without a time stamp so that WordNet gives the same bytes again; return the size."""
    packed = gzip.compress(json.dumps(content, separators=(",", ":"), sort_keys=True).encode(), 9, mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".part")
    scratch.write_bytes(packed)
    scratch.replace(path)
    return len(packed)


def main() -> None:
    """Read the folder named on the command line, write ``lexicon.json.gz``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--wordnet", type=Path, required=True, help="folder of WordNet 3.0's database files")
    parser.add_argument("--out", type=Path, default=DATA / "lexicon.json.gz", help="file to write")
    options = parser.parse_args()
    print(f"{options.out}: {write(build(options.wordnet), options.out):,} bytes")


if __name__ == "__main__":
    main()
