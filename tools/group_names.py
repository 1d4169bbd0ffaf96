"""What a group of words is called, by WordNet: "fruit", "animals", "words for movement"."""

from collections import defaultdict
from collections.abc import Sequence

from faultfinder.tools.word_senses import WordSenses

# Numbers of the lexicographers' files, lexnames(5WN).
_FILE_NAMES = {
    4: "activities",
    5: "animals",
    8: "parts of the body",
    13: "food",
    18: "people",
    20: "plants",
    29: "words for what bodies do",
    32: "words for speaking",
    34: "words for eating and drinking",
    38: "words for movement",
}
_MASS_NOUNS = frozenset({"food", "furniture", "clothing", "fruit", "equipment", "tableware", "footwear", "headgear"})
_MAIN = 0.25
"""Share of a noun's weight that a sense needs to take part in naming."""

_FAMILIAR = 4.0
"""Weight from which a name is one that people use: "animals", not "ungulates"."""


class GroupNames:
    """Finds names in the hierarchy."""

    def __init__(self, senses: WordSenses, unsaying: frozenset[str]) -> None:
        """Build on the weighed senses, and on names that say too little."""
        self._senses = senses
        self._unsaying = unsaying
        self._wordnet = senses.wordnet

    def name(self, words: Sequence[str], least: int) -> str | None:
        """Return the plural of the lowest familiar hypernym of at least `least` words, else their file's name."""
        cover: dict[int, set[str]] = defaultdict(set)
        files: dict[int, set[str]] = defaultdict(set)
        for word in words:
            for pos, senses in self._senses.common(word).items():
                files[self._wordnet.synset(senses[0].synset).file].add(word)
                total = sum(sense.weight for sense in senses)
                main = [s.synset for s in senses if pos == "n" and s.weight >= _MAIN * total]
                above = (number for synset in main for number in self._wordnet.ancestors(synset))
                for number in above:
                    cover[number].add(word)
        return self._lowest(cover, least) or self._file_name(files, least)

    def _lowest(self, cover: dict[int, set[str]], least: int) -> str | None:
        depth = {number: len(self._wordnet.ancestors(number)) for number, found in cover.items() if len(found) >= least}
        for number in sorted(depth, key=lambda n: (-depth[n], -len(cover[n]), n)):
            if (label := self._wordnet.label(number)) and self._is_familiar(label, number):
                return plural(label)
        return None

    def _is_familiar(self, label: str, number: int) -> bool:
        weight = next((s.weight for s in self._wordnet.senses(label) if s.synset == number), 0.0)
        return weight >= _FAMILIAR and label not in self._unsaying

    def _file_name(self, files: dict[int, set[str]], least: int) -> str | None:
        named = sorted(
            (-len(found), file) for file, found in files.items() if len(found) >= least and file in _FILE_NAMES
        )
        return _FILE_NAMES[named[0][1]] if named else None


def plural(noun: str) -> str:
    """Return a noun's regular plural; mass nouns that are names of kinds stay as they are."""
    if noun in _MASS_NOUNS:
        return noun
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    if noun.endswith("man"):
        return noun[:-3] + "men"
    return noun + ("es" if noun.endswith(("s", "x", "z", "ch", "sh")) else "s")
