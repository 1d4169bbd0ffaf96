"""Choose which pairs of prompts to have painted: minimal edits of corpus sentences, some of every kind of difference.

Pictures are dear, so nothing is screened: each kind of difference that the corpus' words allow gets the same small
number of pairs, judged beforehand to differ in meaning. What the pictures show is for others to find out.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from random import Random
from typing import TypeVar

import numpy as np

from faultfinder.memory.records import Edit, EditKind, Meaning
from faultfinder.tools.edit_trials import JudgedEdit
from faultfinder.tools.edits import EditedText
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.natural_edits import drops_in, exchanges_of, swaps_in
from faultfinder.tools.ports import Judge
from faultfinder.tools.slots import Slots

EACH, FEWEST = 20, 5
"""Pairs of each kind in one round: enough to tell a kind that mostly fails from one that seldom does; and the least."""

MOST_KINDS = 14
"""Kinds of difference in one round, of which the corpus has enough: those in focus first, then the most frequent."""

_NAMED, _PRESENCE, _UNNAMED, _MIXED = 1, 2, 3, 6
"""To so many kinds of words of one class comes one kind of: dropped words, words of no class, words of two classes."""

_ALIKE = 0.4
_SPARE = 3
_SENTENCES = 400
_LENGTHS = range(4, 20)
_OTHER = "other words"

_T = TypeVar("_T")
_Traits = tuple[tuple[str, ...], str | None]

GENERAL = ("nouns", "adjectives", "verbs", "adverbs", _OTHER)
"""Kinds that say little of what the words mean; a kind with a name of its own is worth more."""


def kind_of_difference(edit: Edit, lexicon: Lexicon) -> str:
    """Name the kind of a difference: the class or classes of its words, else their part of speech, else neither."""
    if edit.kind is EditKind.SWAP:
        return "order"
    words = [word.lower() for word in edit.removed + edit.added]
    name = _kind_of_words(words, lexicon)
    return name if edit.kind is EditKind.EXCHANGE else f"presence of {name}"


def _kind_of_words(words: Sequence[str], lexicon: Lexicon) -> str:
    classes = [lexicon.classes(word) for word in words]
    shared = [name for name in classes[0] if all(name in others for others in classes)] if classes else []
    if shared:
        return shared[0]
    if classes and all(classes):
        return " and ".join(sorted({names[0] for names in classes}))
    parts = {lexicon.part_of_speech(word) for word in words}
    part = parts.pop() if len(parts) == 1 else None
    return f"{part}s" if part else _OTHER


class PromptScan:
    """Draws pairs of prompts in rounds that each take other sentences."""

    def __init__(
        self, texts: Sequence[str], judge: Judge, lexicon: Lexicon, seed: int, each: int = EACH, most: int = MOST_KINDS
    ) -> None:
        """Learn the corpus' slots.

        Args:
            texts: the corpus.
            judge: says whether an edit changed the meaning.
            lexicon: names the kinds of difference.
            seed: fixes every choice together with the round's number.
            each: pairs of each kind in a round; fewer where pictures are dearer still.
            most: kinds in a round.
        """
        self._slots, self._judge, self._lexicon, self._seed = Slots(texts), judge, lexicon, seed
        self._each, self._most = each, most

    def draw(self, number: int, focus: Collection[str], spent: Collection[str]) -> list[JudgedEdit]:
        """Return the pairs of one round.

        Args:
            number: of the round, from 0; each takes other word pairs first.
            focus: kinds of difference, or words, to take first; after the first round, kinds to take alone.
            spent: texts not to use again.
        """
        rng = Random(f"{self._seed} prompts {number}")
        asked, taken = frozenset(focus), set(spent)
        drawn: list[JudgedEdit] = []
        kinds = 0
        for edits in self._kinds(rng, number, asked):
            some = self._some_of_kind(rng.sample(edits, len(edits)), asked, taken)
            drawn, kinds = drawn + some, kinds + (len(some) >= FEWEST)
            if kinds == self._most:
                break
        return drawn

    def _some_of_kind(self, edits: Sequence[EditedText], focus: frozenset[str], taken: set[str]) -> list[JudgedEdit]:
        """Choose edits of one kind that change the meaning and have fresh texts, each text once.

        Half are of words in focus exchanged for each other, half of such words exchanged for others: that tells
        whether they fail by themselves or with each other only. Where there are too few, others are taken.
        """
        judged = zip(edits, self._judge.judge([edit.pair for edit in edits]), strict=True)
        valid = [JudgedEdit(edit, said) for edit, said in judged if said.meaning is Meaning.DIFFERENT]
        within = [each for each in valid if focus and focus.issuperset(each.edit.words)]
        touching = [each for each in valid if 0 < len(focus.intersection(each.edit.words)) < len(set(each.edit.words))]
        others = [each for each in valid if focus.isdisjoint(each.edit.words)]
        chosen = _spread(within, self._each // 2, taken)
        for pool in (touching, within, others):
            chosen += _spread(pool, self._each - len(chosen), taken)
        return chosen

    def _kinds(self, rng: Random, number: int, focus: frozenset[str]) -> list[list[EditedText]]:
        """Return candidates of each kind: those in focus first; without a focus each round takes other kinds first."""
        by_kind: dict[str, list[EditedText]] = defaultdict(list)
        for edit in [*self._exchanges(rng, number, focus), *self._others(rng)]:
            by_kind[kind_of_difference(edit.edit, self._lexicon)].append(edit)
        ranked = self._ranked(by_kind)
        if not focus:
            return [by_kind[kind] for kind in _turned(ranked, number * self._most)]
        wanted = [kind for kind in ranked if self._in_focus(kind, by_kind[kind], focus)]
        others = [] if number else [kind for kind in ranked if kind not in wanted]
        return [by_kind[kind] for kind in [*wanted, *others]]

    def _ranked(self, by_kind: Mapping[str, Sequence[EditedText]]) -> list[str]:
        """Mix the sorts of difference by their shares; within a sort, what the corpus speaks of most comes first."""
        by_share: dict[int, list[str]] = defaultdict(list)
        for kind in sorted(by_kind, key=lambda kind: (-self._frequency(by_kind[kind]), kind)):
            by_share[self._share(by_kind[kind][0].edit)].append(kind)
        ranks = {
            kind: (place * share, share) for share, kinds in by_share.items() for place, kind in enumerate(kinds, 1)
        }
        return sorted(ranks, key=lambda kind: (*ranks[kind], kind))

    def _frequency(self, edits: Sequence[EditedText]) -> int:
        """Return in how many texts the words of a kind stand, all told."""
        return sum(self._slots.counts[word] for word in {word for edit in edits for word in edit.words})

    def _share(self, edit: Edit) -> int:
        """Return how many kinds of a class of its own go to one kind like this edit's."""
        if edit.kind is EditKind.SWAP:
            return _NAMED
        if edit.kind is not EditKind.EXCHANGE:
            return _PRESENCE
        classes = [set(self._lexicon.classes(word)) for word in edit.removed + edit.added]
        if set.intersection(*classes):
            return _NAMED
        return _MIXED if all(classes) else _UNNAMED

    def _in_focus(self, kind: str, edits: Sequence[EditedText], focus: frozenset[str]) -> bool:
        return kind in focus or any(focus.issuperset(edit.words) for edit in edits)

    def _exchanges(self, rng: Random, number: int, focus: frozenset[str]) -> list[EditedText]:
        """Exchange words used alike: each kind's word pairs in turn, as many sentences of each as the kind wants."""
        made: list[EditedText] = []
        for _kind, found in sorted(self._word_pairs.items()):
            pairs = (
                sorted(found, key=lambda pair: (not focus.issuperset(pair), focus.isdisjoint(pair)))
                if focus
                else _turned(found, number * self._each)
            )
            distinct = (pair for pair in pairs if not self._lexicon.same(*pair))
            some = list(islice(distinct, self._each * _SPARE))
            if not some:
                continue
            chosen = [pair if rng.random() < 0.5 else pair[::-1] for pair in some]
            chosen += [pair[::-1] for pair in chosen if focus.issuperset(pair)]
            for asked in (True, False):
                alike = [pair for pair in chosen if focus.issuperset(pair) is asked]
                each = max(_SPARE, math.ceil(self._each * _SPARE / max(1, len(alike))))
                made += exchanges_of(self._slots, alike, each, rng)
        return made

    @cached_property
    def _word_pairs(self) -> dict[str, list[tuple[str, str]]]:
        """Word pairs used alike by kind, each kind's in an order of its own that no word rules."""
        traits = {word: self._traits(word) for word in self._slots.vocabulary}
        kinds: dict[tuple[_Traits, _Traits], str] = {}
        pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for first, second in self._used_alike():
            both = traits[first], traits[second]
            if both not in kinds:
                kinds[both] = _kind_of_words((first, second), self._lexicon)
            pairs[kinds[both]].append((first, second))
        for kind, found in pairs.items():
            Random(f"{self._seed} word pairs {kind}").shuffle(found)
        return dict(pairs)

    def _traits(self, word: str) -> "_Traits":
        """Return all that decides of which kind a word's exchanges are."""
        return self._lexicon.classes(word), self._lexicon.part_of_speech(word)

    def _used_alike(self) -> Iterator[tuple[str, str]]:
        """Yield every pair of words that keep much the same company, in the vocabulary's order."""
        words, use = self._slots.vocabulary, self._slots.use
        for place, first in enumerate(words):
            for other in np.flatnonzero(use[place + 1 :] @ use[place] >= _ALIKE):
                yield first, words[place + 1 + int(other)]

    def _others(self, rng: Random) -> list[EditedText]:
        """Swap words and drop words in a sample of sentences."""
        sentences = [sentence for sentence in self._slots.sentences if len(sentence) in _LENGTHS]
        sample = rng.sample(sentences, min(len(sentences), _SENTENCES))
        made: list[EditedText] = []
        for sentence in sample:
            swaps, drops = swaps_in(self._slots, sentence), drops_in(self._slots, sentence)
            made += [rng.choice(edits) for edits in (swaps, drops) if edits]
        return made


def _turned(things: Sequence[_T], done: int) -> list[_T]:
    """Begin a round where the ones before left off."""
    start = done % max(1, len(things))
    return [*things[start:], *things[:start]]


def _spread(pool: Sequence[JudgedEdit], most: int, taken: set[str]) -> list[JudgedEdit]:
    """Take as many edits with fresh texts, next always one whose words came up least: few speak of all words alike."""
    left, met, chosen = list(pool), Counter[str](), list[JudgedEdit]()
    while left and len(chosen) < most:
        rarest = min(range(len(left)), key=lambda i: sorted((met[word] for word in left[i].edit.words), reverse=True))
        each = left.pop(rarest)
        if not taken & {each.edit.a, each.edit.b}:
            taken.update((each.edit.a, each.edit.b))
            met.update(each.edit.words)
            chosen.append(each)
    return chosen
