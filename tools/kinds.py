"""The kinds of difference that a corpus' sentences can show: one axis of the map of where an audit has looked.

Exchanges are told apart by what is exchanged: the lexicon's classes (numbers, colours, places, ...), and for all other
words groups of one part of speech that are used alike. Words left out, words added and swapped roles are kinds of
their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from faultfinder.memory.records import Edit, EditKind
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.lexicon_words import WordList
from faultfinder.tools.slots import Slots

LEFT_OUT, ADDED, SWAPPED, OTHER = "words left out", "words added", "swapped roles", "other words"

_LEAST_TEXTS = 3
_GROUP = 24
_MOST_OPEN = 32
_PLURALS = {"noun": "things", "verb": "doings", "adjective": "qualities", "adverb": "manners"}


@dataclass(frozen=True)
class Kind:
    """A kind of difference: its name, how the edit is made, and for an exchange the words it draws from."""

    name: str
    edit: EditKind
    words: tuple[str, ...] = ()


class Kinds:
    """All kinds of difference of one corpus."""

    def __init__(self, slots: Slots, lexicon: Lexicon) -> None:
        """Read the kinds off the corpus' vocabulary; nothing is clustered before it is asked for."""
        self._slots = slots
        self._lexicon = lexicon

    @cached_property
    def all(self) -> tuple[Kind, ...]:
        """Return every kind, the lexicon's classes first."""
        edits = ((SWAPPED, EditKind.SWAP), (LEFT_OUT, EditKind.DROP), (ADDED, EditKind.ADD))
        return (*self._named, *(Kind(name, edit) for name, edit in edits), *self._open)

    @cached_property
    def _named(self) -> tuple[Kind, ...]:
        found: dict[str, list[str]] = {}
        for word in self._frequent:
            for name in self._lexicon.classes(word):
                found.setdefault(name, []).append(word)
        return tuple(
            Kind(name, EditKind.EXCHANGE, tuple(words)) for name, words in sorted(found.items()) if len(words) > 1
        )

    @cached_property
    def _open(self) -> tuple[Kind, ...]:
        """Return the groups of words without a class, by part of speech and by use."""
        grammar = WordList.load().function
        free = [word for word in self._frequent if not self._lexicon.classes(word) and word not in grammar]
        size = max(_GROUP, len(free) // _MOST_OPEN)
        kinds: list[Kind] = []
        for part, plural in _PLURALS.items():
            words = [word for word in free if self._lexicon.part_of_speech(word) == part]
            kinds += [self._kind(plural, group) for group in self._alike(words, size)]
        return tuple(kinds)

    def _kind(self, plural: str, words: tuple[str, ...]) -> Kind:
        name = self._lexicon.name_group(words)
        few = ", ".join(words[:3])
        return Kind(f"{name} ({few})" if name else f"{plural}: {few}", EditKind.EXCHANGE, words)

    def _alike(self, words: Sequence[str], size: int) -> list[tuple[str, ...]]:
        """Cut words into groups of about `size` that are used alike (Ward's method on the company they keep)."""
        if len(words) < 2:
            return []
        if len(words) <= size:
            return [tuple(words)]
        from scipy.cluster.hierarchy import fcluster, linkage

        rows = self._slots.use[[self._slots.index[word] for word in words]]
        labels = fcluster(linkage(rows, method="ward"), round(len(words) / size), criterion="maxclust")
        groups = [
            tuple(w for w, own in zip(words, labels, strict=True) if own == label) for label in sorted(set(labels))
        ]
        return [group for group in groups if len(group) > 1]

    @cached_property
    def _frequent(self) -> tuple[str, ...]:
        return tuple(word for word in self._slots.vocabulary if self._slots.counts[word] >= _LEAST_TEXTS)

    @cached_property
    def _kind_of_word(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for kind in (*self._named, *self._open):
            for word in kind.words:
                found[word] = (*found.get(word, ()), kind.name)
        return found

    def of(self, edit: Edit | None) -> str:
        """Return the name of the kind that an edit is of."""
        if edit is None:
            return OTHER
        if edit.kind is not EditKind.EXCHANGE:
            return {EditKind.SWAP: SWAPPED, EditKind.DROP: LEFT_OUT, EditKind.ADD: ADDED}[edit.kind]
        return self.of_words((*edit.removed, *edit.added))

    def of_words(self, words: Sequence[str]) -> str:
        """Return the kind that exchanges of words with one another are of: the one most of them share."""
        votes = [name for word in words for name in self._kind_of_word.get(word, ())]
        if not votes:
            return OTHER
        best = max(dict.fromkeys(votes), key=votes.count)
        return best if 2 * votes.count(best) > len(words) else OTHER
