"""Whether two words stand for kinds of things, doings or qualities that exclude each other, by WordNet's hierarchy.

Two words are apart when enough of their common senses are of exclusive kinds and the words are not related in any
sense they may have (see word_relations.py).
"""

from collections import defaultdict
from collections.abc import Callable
from itertools import product

from faultfinder.tools.word_relations import WordRelations
from faultfinder.tools.word_senses import RARE_PART, WordSenses
from faultfinder.tools.wordnet import Sense

MOSTLY = 0.6
"""Share of a word's weight from which its part of speech is settled, and settles what stands in the same slot."""

PARTLY = 0.3
"""Share that both words need in a part of speech when neither settles it."""

_SETTLED = {"n": RARE_PART, "a": 0.08}
"""Share the other word needs then."""

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

    def __init__(self, senses: WordSenses, relations: WordRelations, people: frozenset[str] = frozenset()) -> None:
        """Build on senses and relations, and on words for persons that WordNet files under groups."""
        self._senses = senses
        self._wordnet = senses.wordnet
        self._relations = relations
        self._people = people

    def apart(self, a: str, b: str) -> str | None:
        """Return why two words stand for different kinds; None when they may not, or nothing is known."""
        pos = self._part_in_common(a, b)
        if pos is None or self._relations.related(a, b):
            return None
        decide = {"n": self._nouns, "v": self._verbs, "a": self._adjectives}[pos]
        reason = _prevailing(decide, self._senses.common(a)[pos], self._senses.common(b)[pos])
        return f"{reason}: {a}, {b}" if reason else None

    def _part_in_common(self, a: str, b: str) -> str | None:
        """Return what both words are in one slot. A sure noun settles it for a word that is more often a verb: bear."""
        ours, theirs = self._senses.shares(a), self._senses.shares(b)
        shared = {pos: sorted((ours[pos], theirs[pos])) for pos in "nva" if pos in ours and pos in theirs}
        fitting = [
            (less, pos)
            for pos, (less, more) in shared.items()
            if less >= PARTLY or (more >= MOSTLY and less >= _SETTLED.get(pos, 1.0))
        ]
        return max(fitting)[1] if fitting else None

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
        telling = known and (concrete or ACT in (file_x, file_y))
        return "different things" if telling and sum(steps) > 2 * _CLOSE else None

    def _file(self, sense: Sense) -> int:
        return PERSON if sense.lemma in self._people else self._wordnet.synset(sense.synset).file

    def _verbs(self, x: Sense, y: Sense) -> str | None:
        steps = self._steps(x.synset, y.synset)
        return "different doings" if steps is None or sum(steps) > _CLOSE + 1 else None

    def _adjectives(self, x: Sense, y: Sense) -> str | None:
        return "different qualities" if self._relations.heads(x).isdisjoint(self._relations.heads(y)) else None


def _prevailing(decide: Decide, ours: list[Sense], theirs: list[Sense]) -> str | None:
    """Return the reason most pairs of senses give, when enough of them give one."""
    weights: dict[str | None, float] = defaultdict(float)
    for x, y in product(ours, theirs):
        weights[decide(x, y)] += x.weight * y.weight
    total, silent = sum(weights.values()), weights.pop(None, 0.0)
    return max(weights, key=weights.__getitem__) if weights and total - silent >= ENOUGH * total else None
