"""The edit scan: which small edits of a sentence does the target not notice? It needs no reference encoder.

Three looks at the target, DESIGN section 4. All pairs of words are screened in shared slots; what is suspicious is
verified in natural sentences, each against its own agreement bar; and a sample of sentences is tried with words
dropped, added and swapped. Only edits that a judge says change the meaning count.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

from faultfinder.memory.records import EditKind, MinedPair, Record
from faultfinder.tools.edit_trials import EditTrials
from faultfinder.tools.edits import EditedText
from faultfinder.tools.natural_edits import adds_in, drops_in, exchanges_of, swaps_in
from faultfinder.tools.pair_forest import components, spanning_first
from faultfinder.tools.ports import Judge, TextEncoder
from faultfinder.tools.scan_ranking import Tally, rank, sort_tallies
from faultfinder.tools.slots import Slots
from faultfinder.tools.word_screen import Bars, Confusions, Suspicion, WordScreen

Progress = Callable[[str, int, int], None]

_SUSPECTS = 6000
_VERIFIED = 350
_PARTNERS = 25
_EACH = 2
_SENTENCES = 400
_COUNTEREXAMPLES = 150
_LENGTHS = range(6, 17)


class ScanResult(Record):
    """What one round of the scan has found, and what it looked at."""

    agreed: tuple[MinedPair, ...]
    noticed: tuple[MinedPair, ...]
    tried: dict[EditKind, int]
    words: int
    screened: int
    spent: frozenset[str]
    measured: tuple[MinedPair, ...] = ()
    """Everything that was measured; the above are a choice of it, fit to be shown."""


@dataclass(frozen=True)
class _Look:
    """One round's parameters."""

    number: int
    focus: frozenset[str]
    rng: Random
    tell: Progress


class EditScan:
    """Looks for edits that the target does not notice, in rounds that each look elsewhere."""

    def __init__(
        self, corpus_texts: Sequence[str], encoder: TextEncoder, agreement: Bars, judge: Judge, seed: int
    ) -> None:
        """Learn the corpus' slots; the target is not asked yet.

        Args:
            corpus_texts: sentences to edit.
            encoder: the target.
            agreement: gives the bar of each sentence.
            judge: says whether an edit changed the meaning.
            seed: fixes every choice together with the round's number.
        """
        self._slots = Slots(corpus_texts)
        self._screen = WordScreen(self._slots, encoder, agreement, seed)
        self._trials = EditTrials(encoder, agreement, judge)
        self._seed = seed

    def run(self, round: int = 0, focus: Collection[str] = (), progress: Progress | None = None) -> ScanResult:  # noqa: A002
        """Scan one round.

        Args:
            round: from 0; each round looks at other sentences, and later ones at rarer words.
            focus: words to look at first; they never keep others out.
            progress: told what is being done, how much of it is done and how much there is.
        """
        look = _Look(round, frozenset(focus), Random(f"{self._seed} scan {round}"), progress or _say_nothing)
        words = self._words(round)
        confusions = self._screen.run(round, words, lambda done, total: look.tell("comparing words", done, total))
        exchanges = self._verify(confusions, look)
        sentence_edits = self._edit_sentences(look)
        ranking = rank(exchanges, sentence_edits, round)
        pairs = [pair for tally in exchanges for pair in tally.pairs] + sentence_edits
        return ScanResult(
            agreed=tuple(ranking.agreed),
            noticed=tuple(ranking.noticed),
            tried={kind: sum(pair.edit is not None and pair.edit.kind is kind for pair in pairs) for kind in EditKind},
            words=words,
            screened=int((confusions.tried > 0).sum()) // 2,
            spent=confusions.texts | {text for pair in pairs for text in (pair.a, pair.b)},
            measured=tuple(pairs),
        )

    def _words(self, number: int) -> int:
        """Return how many words take part: those of five texts at first, then all of the vocabulary."""
        slots = self._slots
        if number > 0:
            return len(slots.vocabulary)
        frequent = sum(slots.counts[word] >= 5 for word in slots.vocabulary)
        return frequent if frequent >= 50 else len(slots.vocabulary)

    def _verify(self, confusions: Confusions, look: _Look) -> list[Tally]:
        """Try the most suspicious pairs of words in natural sentences, and those that a group of them implies."""
        chosen = self._trials.judge(self._exchanges(self._differing(confusions, look), look, _EACH))
        look.tell("verifying confusions", 0, len(chosen))
        measured = self._trials.measure(chosen)
        implied = self._implied(sort_tallies(measured))[:_COUNTEREXAMPLES]
        more = self._trials.judge(exchanges_of(self._slots, implied, _EACH, look.rng))
        return sort_tallies(measured + self._trials.measure(more))

    def _differing(self, confusions: Confusions, look: _Look) -> list[Suspicion]:
        """Return the most suspicious pairs that mean different things, as far as one sentence each can tell."""
        suspects = self._ordered(confusions.suspects(self._slots.use, _PARTNERS), look)[:_SUSPECTS]
        judged = self._trials.judge(self._exchanges(suspects, look, 1))
        different = {frozenset(each.edit.words) for each in judged}
        return [pair for pair in suspects if frozenset(self._names(pair)) in different][:_VERIFIED]

    def _names(self, pair: Suspicion) -> tuple[str, str]:
        return self._slots.vocabulary[pair.first], self._slots.vocabulary[pair.second]

    def _ordered(self, suspects: list[Suspicion], look: _Look) -> list[Suspicion]:
        suspects.sort(key=lambda pair: (not pair.exact, look.focus.isdisjoint(self._names(pair))))
        order = spanning_first([(pair.first, pair.second) for pair in suspects])
        return [suspects[number] for number in order]

    def _exchanges(self, suspects: Sequence[Suspicion], look: _Look, each: int) -> list[EditedText]:
        """Exchange both ways; what is confused exactly need not fit the slot, what is merely close must."""
        made: list[EditedText] = []
        for exact in (True, False):
            pairs = [self._names(pair) for pair in suspects if pair.exact == exact]
            both_ways = pairs + [(second, first) for first, second in pairs]
            made += exchanges_of(self._slots, both_ways, each, look.rng, anywhere=exact)
        return made

    def _implied(self, tallies: Sequence[Tally]) -> list[tuple[str, str]]:
        """Return the pairs inside a chain of confusions that were not tried: are the chain's ends confused as well?"""
        tried = {tally.words for tally in tallies}
        chains = components([tally.words for tally in tallies if tally.consistent and not tally.exact])
        inside = [(first, second) for chain in chains for first, second in combinations(sorted(chain), 2)]
        return [pair for pair in inside if pair not in tried]

    def _edit_sentences(self, look: _Look) -> list[MinedPair]:
        """Try a sample of sentences with words dropped, added and swapped."""
        sentences = [s for s in self._slots.sentences if len(s) in _LENGTHS]
        sample = look.rng.sample(sentences, min(len(sentences), _SENTENCES))
        if look.focus:
            focused = [s for s in sentences if look.focus & set(s.words)]
            sample = look.rng.sample(focused, min(len(focused), _SENTENCES // 2)) + sample[: _SENTENCES // 2]
        edits: dict[tuple[str, str], EditedText] = {}
        for sentence in sample:
            choices = (swaps_in(self._slots, sentence), drops_in(self._slots, sentence))
            made = [edit for few in choices for edit in look.rng.sample(few, min(len(few), 3))]
            made += adds_in(self._slots, sentence, 2, look.rng)
            edits.update({(edit.a, edit.b): edit for edit in made})
        judged = self._trials.judge(list(edits.values()))
        look.tell("dropping, adding, swapping words", 0, len(judged))
        measured = self._trials.measure(judged)
        measured += self._drop_again(measured, look)
        return measured

    def _drop_again(self, measured: Sequence[MinedPair], look: _Look) -> list[MinedPair]:
        """Drop the words whose drop went unnoticed in more sentences."""
        unnoticed = dict.fromkeys(
            pair.edit.removed[0] for pair in measured if pair.agreed and pair.edit and pair.edit.kind is EditKind.DROP
        )
        seen = {pair.a for pair in measured}
        more: list[EditedText] = []
        for word in unnoticed:
            places = self._slots.places.get(word, ())
            sentences = [self._slots.sentences[n] for n, _ in look.rng.sample(places, min(len(places), 30))]
            drops = [e for s in sentences if s.text not in seen for e in drops_in(self._slots, s) if word in e.words]
            more += drops[:3]
        return self._trials.measure(self._trials.judge(more))


def _say_nothing(_what: str, _done: int, _all: int) -> None:
    return None
