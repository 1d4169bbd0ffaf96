"""What kinds of things words stand for, and whether two kinds exclude each other, by WordNet's hierarchy.

Two words are apart when their main senses are of kinds that exclude each other and no common sense of one is a
synonym, an ancestor, a part or a near relative of a common sense of the other.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from itertools import product

from faultfinder.tools.wordnet import Sense, WordNet

COMMON = 0.12
"""A sense counts when it has this share of the word's weight within its part of speech."""

MAIN = 0.02
"""Share of a word's weight that its part of speech needs to be what the word may be taken for."""

ENOUGH = 0.25
"""Share of the pairs of senses, by weight, that must exclude each other."""

# Numbers of the lexicographers' files, lexnames(5WN).
ACT, ANIMAL, ARTIFACT, BODY, COMMUNICATION, EVENT = 4, 5, 6, 8, 10, 11
FOOD, OBJECT, PERSON, PLANT, SUBSTANCE = 13, 17, 18, 20, 27
_EXCLUSIVE = frozenset({ANIMAL, ARTIFACT, BODY, FOOD, OBJECT, PERSON, PLANT, SUBSTANCE})
_OVERLAPPING = frozenset({ARTIFACT, BODY, OBJECT, SUBSTANCE, ACT, EVENT})
_CLOSE = 3


Decide = Callable[[Sense, Sense], str | None]


class WordKinds:
    """Reads kinds off the hierarchy."""

    def __init__(self, wordnet: WordNet, people: frozenset[str] = frozenset()) -> None:
        """Build on WordNet's table, and on words for persons that it files under groups."""
        self._wordnet = wordnet
        self._people = people

    @cache  # noqa: B019 - one a process
    def shares(self, word: str) -> dict[str, float]:
        """Return part of speech -> its share of the word's weight; empty for unknown words."""
        weights: dict[str, float] = defaultdict(float)
        for sense in self._wordnet.senses(word):
            weights[sense.pos] += sense.weight
        return {pos: weight / sum(weights.values()) for pos, weight in weights.items()}

    @cache  # noqa: B019
    def common(self, word: str) -> dict[str, list[Sense]]:
        """Return part of speech -> the senses that count, the heaviest first; rare parts of speech left out."""
        by_pos: dict[str, list[Sense]] = defaultdict(list)
        for sense in self._wordnet.senses(word):
            by_pos[sense.pos].append(sense)
        shares = self.shares(word)
        return {
            pos: [s for s in senses if s.weight >= COMMON * sum(t.weight for t in senses)]
            for pos, senses in by_pos.items()
            if shares[pos] >= MAIN
        }

    @cache  # noqa: B019
    def base_forms(self, word: str) -> frozenset[str]:
        """Return the word and its lemmas in the parts of speech that count."""
        return frozenset({word, *(sense.lemma for senses in self.common(word).values() for sense in senses)})

    def opposed(self, a: str, b: str) -> bool:
        """Tell antonyms: the words themselves, or adjectives like two that are."""
        first, second = self.common(a), self.common(b)
        return any(self._opposed(x, y) for pos in first.keys() & second.keys() for x in first[pos] for y in second[pos])

    def _opposed(self, x: Sense, y: Sense) -> bool:
        ours, theirs = self._heads(x), self._heads(y)
        table = self._wordnet.antonyms
        if x.pos == "a":
            return any(theirs & table.get(head, {}).keys() for head in ours)
        return table.get(x.synset, {}).get(y.synset) == {x.lemma, y.lemma}

    def _heads(self, sense: Sense) -> set[int]:
        return {sense.synset, *self._wordnet.synset(sense.synset).like}

    def apart(self, a: str, b: str) -> str | None:
        """Return why two words stand for different kinds of things or doings; None when they may not."""
        first, second = self.common(a), self.common(b)
        pos = self._part_in_common(a, b)
        if pos is None or self._related(first, second):
            return None
        decide = {"n": self._nouns, "v": self._verbs, "a": self._adjectives}.get(pos)
        reason = self._prevailing(decide, first[pos], second[pos]) if decide else None
        return f"{reason}: {a}, {b}" if reason else None

    def _prevailing(self, decide: Decide, ours: list[Sense], theirs: list[Sense]) -> str | None:
        """Return the reason most pairs of senses give, when enough of them give one."""
        weights: dict[str | None, float] = defaultdict(float)
        for x, y in product(ours, theirs):
            weights[decide(x, y)] += x.weight * y.weight
        total, silent = sum(weights.values()), weights.pop(None, 0.0)
        return max(weights, key=weights.__getitem__) if total - silent >= ENOUGH * total else None

    def _part_in_common(self, a: str, b: str) -> str | None:
        ours, theirs = self.shares(a), self.shares(b)
        shared = {pos: min(ours[pos], theirs[pos]) for pos in sorted(ours.keys() & theirs.keys())}
        best = max(shared, key=shared.__getitem__, default=None)
        return best if best is not None and shared[best] >= MAIN else None

    def _related(self, first: dict[str, list[Sense]], second: dict[str, list[Sense]]) -> bool:
        pairs = ((x, y) for pos in first.keys() & second.keys() for x in first[pos] for y in second[pos])
        return any(self._near(x.synset, y.synset, x.pos) for x, y in pairs)

    def _near(self, x: int, y: int, pos: str) -> bool:
        """Tell synonyms, ancestors, parts and wholes, and adjectives of one cluster."""
        net = self._wordnet
        ours, theirs = net.ancestors(x), net.ancestors(y)
        if y in ours or x in theirs:
            return True
        if pos == "a":
            return bool({x, *net.synset(x).like} & {y, *net.synset(y).like})
        return y in net.synset(x).whole or x in net.synset(y).whole or y in net.synset(x).like

    def _steps(self, x: int, y: int) -> tuple[int, int] | None:
        """Return the steps from both up to their nearest common ancestor; None without one."""
        ours, theirs = self._wordnet.ancestors(x), self._wordnet.ancestors(y)
        shared = sorted((ours[s] + theirs[s], s) for s in ours.keys() & theirs.keys())
        return (ours[shared[0][1]], theirs[shared[0][1]]) if shared else None

    def _nouns(self, x: Sense, y: Sense) -> str | None:
        file_x, file_y = self._file(x), self._file(y)
        steps = self._steps(x.synset, y.synset)
        if file_x == file_y == PERSON or steps is None:
            return None
        if file_x == file_y and file_x in _OVERLAPPING and min(steps) <= 1 and sum(steps) <= _CLOSE:
            return None
        if {file_x, file_y} <= _EXCLUSIVE:
            return "different kinds" if file_x == file_y else "different things"
        concrete = {file_x, file_y} & _EXCLUSIVE
        known = {file_x, file_y} <= _EXCLUSIVE | {ACT, EVENT, COMMUNICATION}
        return "different things" if known and (concrete or file_x == ACT) and sum(steps) > 2 * _CLOSE else None

    def _file(self, sense: Sense) -> int:
        return PERSON if sense.lemma in self._people else self._wordnet.synset(sense.synset).file

    def _verbs(self, x: Sense, y: Sense) -> str | None:
        steps = self._steps(x.synset, y.synset)
        return "different doings" if steps is None or sum(steps) > _CLOSE + 1 else None

    def _adjectives(self, x: Sense, y: Sense) -> str | None:
        return "different qualities" if self._heads(x).isdisjoint(self._heads(y)) else None
