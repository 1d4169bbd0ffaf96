"""Choose which pairs of prompts to have painted: minimal edits of corpus sentences, some of every kind of difference.

Pictures are dear, so nothing is screened: each kind of difference that the corpus' words allow gets the same small
number of pairs, judged beforehand to differ in meaning. What the pictures show is for others to find out.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import combinations, islice
from random import Random

from faultfinder.memory.records import Edit, EditKind, Meaning
from faultfinder.tools.edit_trials import JudgedEdit
from faultfinder.tools.edits import EditedText
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.natural_edits import drops_in, exchanges_of, swaps_in
from faultfinder.tools.ports import Judge
from faultfinder.tools.slots import Slots

EACH = 20
"""Pairs of each kind in one round: enough to tell a kind that mostly fails from one that seldom does."""

MOST_KINDS = 14
"""Kinds of difference in one round, those in focus first, then those with the most words."""

_ALIKE = 0.4
_SPARE = 3
_SENTENCES = 400
_LENGTHS = range(4, 20)
_OTHER = "other words"

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

    def __init__(self, texts: Sequence[str], judge: Judge, lexicon: Lexicon, seed: int) -> None:
        """Learn the corpus' slots.

        Args:
            texts: the corpus.
            judge: says whether an edit changed the meaning.
            lexicon: names the kinds of difference.
            seed: fixes every choice together with the round's number.
        """
        self._slots, self._judge, self._lexicon, self._seed = Slots(texts), judge, lexicon, seed

    def draw(self, number: int, focus: Collection[str], spent: Collection[str]) -> list[JudgedEdit]:
        """Return the pairs of one round.

        Args:
            number: of the round, from 0; each takes other word pairs first.
            focus: kinds of difference, or words, to take first; after the first round, to take alone.
            spent: texts not to use again.
        """
        rng = Random(f"{self._seed} prompts {number}")
        taken = set(spent)
        drawn: list[JudgedEdit] = []
        for edits in self._kinds(rng, number, set(focus)):
            drawn += islice(self._valid(edits, taken), EACH)
        return drawn

    def _valid(self, edits: Sequence[EditedText], taken: set[str]) -> Iterator[JudgedEdit]:
        """Yield the edits with fresh texts that change the meaning, each text once."""
        for edit, said in zip(edits, self._judge.judge([edit.pair for edit in edits]), strict=True):
            if said.meaning is Meaning.DIFFERENT and not taken & {edit.a, edit.b}:
                taken.update((edit.a, edit.b))
                yield JudgedEdit(edit, said)

    def _kinds(self, rng: Random, number: int, focus: set[str]) -> list[list[EditedText]]:
        """Return candidates of each kind: those in focus first, the others by how much the corpus has."""
        by_kind: dict[str, list[EditedText]] = defaultdict(list)
        for edit in [*self._exchanges(rng, number, focus), *self._others(rng)]:
            by_kind[kind_of_difference(edit.edit, self._lexicon)].append(edit)
        for kind, edits in by_kind.items():
            by_kind[kind] = _in_turn(edits, rng, focus)
        wanted = sorted(by_kind, key=lambda kind: (not self._in_focus(kind, by_kind[kind], focus), -len(by_kind[kind])))
        if focus and number:
            wanted = [kind for kind in wanted if self._in_focus(kind, by_kind[kind], focus)]
        return [by_kind[kind] for kind in wanted[:MOST_KINDS]]

    def _in_focus(self, kind: str, edits: Sequence[EditedText], focus: set[str]) -> bool:
        return kind in focus or any(focus.issuperset(edit.words) for edit in edits)

    def _exchanges(self, rng: Random, number: int, focus: set[str]) -> list[EditedText]:
        """Exchange words used alike: each kind's word pairs in turn, as many sentences of each as the kind wants."""
        made: list[EditedText] = []
        for _kind, found in sorted(self._word_pairs.items()):
            pairs = sorted(found, key=lambda pair: not focus.issuperset(pair)) if focus else _turned(found, number)
            some = pairs[: EACH * _SPARE]
            each = math.ceil(EACH * _SPARE / len(some))
            chosen = [pair if rng.random() < 0.5 else pair[::-1] for pair in some]
            made += exchanges_of(self._slots, chosen, each, rng)
        return made

    @cached_property
    def _word_pairs(self) -> dict[str, list[tuple[str, str]]]:
        """Word pairs used alike by kind, each kind's in an order of its own that no word rules."""
        pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for first, second in combinations(self._slots.vocabulary, 2):
            if self._slots.likeness(first, second) >= _ALIKE and not self._lexicon.same(first, second):
                pairs[_kind_of_words((first, second), self._lexicon)].append((first, second))
        for kind, found in pairs.items():
            Random(f"{self._seed} word pairs {kind}").shuffle(found)
        return dict(pairs)

    def _others(self, rng: Random) -> list[EditedText]:
        """Swap words and drop words in a sample of sentences."""
        sentences = [sentence for sentence in self._slots.sentences if len(sentence) in _LENGTHS]
        sample = rng.sample(sentences, min(len(sentences), _SENTENCES))
        made: list[EditedText] = []
        for sentence in sample:
            swaps, drops = swaps_in(self._slots, sentence), drops_in(self._slots, sentence)
            made += [rng.choice(edits) for edits in (swaps, drops) if edits]
        return made


def _turned(pairs: Sequence[tuple[str, str]], number: int) -> list[tuple[str, str]]:
    """Begin a round where the one before left off."""
    start = number * EACH % max(1, len(pairs))
    return [*pairs[start:], *pairs[:start]]


def _in_turn(edits: Sequence[EditedText], rng: Random, focus: set[str]) -> list[EditedText]:
    """Take one edit of each word pair, then a second of each, and so on; pairs of words in focus before all others."""
    dice = {id(edit): rng.random() for edit in edits}
    met: dict[frozenset[str], int] = defaultdict(int)
    turns: dict[int, int] = {}
    for edit in sorted(edits, key=lambda edit: dice[id(edit)]):
        turns[id(edit)] = met[frozenset(edit.words)]
        met[frozenset(edit.words)] += 1
    return sorted(
        edits, key=lambda edit: (not focus.issuperset(edit.words) if focus else 0, turns[id(edit)], dice[id(edit)])
    )
