"""Write probes and controls: the rule's own edit, and as small an edit beside it, in sentences nobody has looked at.

A text is used once. Sentences and words are spread, so that an experiment does not rest on one of them.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from faultfinder.agent.restricting import is_within_bounds, speaks_of
from faultfinder.agent.strategist import Design, DesignRequest
from faultfinder.memory.records import EditKind, Meaning, Rule, TextPair
from faultfinder.tools.edits import EditedText, Sentence, drop, exchange
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.meaning import LexiconJudge
from faultfinder.tools.natural_edits import role_of, swaps_in
from faultfinder.tools.slots import Slots

SPARE = 1.25
"""Pairs written for each one wanted: the judge of validity will not take all of them."""

_LOOKED_AT = 4
_PLACES = 60
_WORD_TRIES = 12
_COMMON = 15
_ALIKE = 0.4
_LENGTHS = range(4, 22)


@dataclass
class _Desk:
    """What is on the desk while one design is written."""

    request: DesignRequest
    rng: Random
    used: set[str]

    def admits(self, text: str) -> bool:
        """Tell whether a sentence is fresh and speaks of what the hypothesis is restricted to."""
        return text not in self.used and speaks_of(self.request.hypothesis, text)

    def take(self, edit: EditedText) -> bool:
        """Take an edit if both texts are fresh, and still speak of what the hypothesis is restricted to."""
        if {edit.a, edit.b} & self.used or not is_within_bounds(self.request.hypothesis, edit.a, edit.b):
            return False
        self.used |= {edit.a, edit.b}
        return True


class ProbeWriter:
    """Writes experiments from the corpus."""

    def __init__(self, slots: Slots, lexicon: Lexicon, seed: int) -> None:
        """Keep the corpus' slots and the lexicon, which only sorts out what surely means the same."""
        self._slots = slots
        self._lexicon = lexicon
        self._judge = LexiconJudge(lexicon)
        self._seed = seed

    def design(self, request: DesignRequest) -> Design:
        """Write the cases asked for, with some to spare; fewer when the corpus has no more."""
        rule = request.hypothesis.rule
        if rule is None:
            return Design(probes=(), controls=())
        rng = Random(f"{self._seed} design {request.hypothesis.id} {request.hypothesis.title} {request.batch}")
        desk = _Desk(request, rng, set(request.spent))
        probes = self._collect(self._probes(rule, desk), self._room(rule, desk))
        controls = self._collect(self._controls(rule, desk), request.controls)
        return Design(probes=probes, controls=controls)

    def _room(self, rule: Rule, desk: _Desk) -> int:
        """Return how many probes to write: within a restriction no more than leaves as many sentences for controls."""
        wanted = desk.request.probes
        if not desk.request.hypothesis.within or not desk.request.controls:
            return wanted
        fitting = sum(_suits(sentence, rule, desk) for sentence in self._slots.sentences)
        return min(wanted, max(1, math.floor(fitting / 2 / SPARE)))

    def _collect(self, edits: Iterator[EditedText], wanted: int) -> tuple[TextPair, ...]:
        """Take edits that surely change the meaning, then, where they do not suffice, those that may."""
        enough = math.ceil(wanted * SPARE)
        surely: list[TextPair] = []
        maybe: list[TextPair] = []
        for edit in islice(edits, enough * _LOOKED_AT):
            meaning = self._judge.judge([edit.pair])[0].meaning
            if meaning is Meaning.DIFFERENT:
                surely.append(edit.pair)
            elif meaning is Meaning.UNDECIDED:
                maybe.append(edit.pair)
            if len(surely) >= enough:
                break
        return tuple((surely + maybe)[:enough])

    def _probes(self, rule: Rule, desk: _Desk) -> Iterator[EditedText]:
        if rule.kind is EditKind.EXCHANGE:
            return self._exchanges(rule, desk)
        if rule.kind is EditKind.SWAP:
            return self._swaps(rule, desk)
        return self._drops(rule, desk)

    def _exchanges(self, rule: Rule, desk: _Desk) -> Iterator[EditedText]:
        """Take the words in turn, each with another partner and another sentence every time."""
        partners = self._partners(rule)
        words = [word for word in rule.words if partners[word]]
        for turn in range(100 * desk.request.probes):
            if not words:
                return
            word = words[turn % len(words)]
            made = self._exchange_of(word, partners[word], desk)
            if made is None:
                words.remove(word)
            else:
                yield made

    def _partners(self, rule: Rule) -> dict[str, list[str]]:
        """Return, for each word, those it may be exchanged for: the surely different ones where there are any."""
        apart = {frozenset(pair) for pair in rule.excluded}
        found: dict[str, list[str]] = {}
        for word in rule.words:
            others = [other for other in rule.words if other != word and frozenset((word, other)) not in apart]
            surely = [other for other in others if self._lexicon.different(word, other)]
            found[word] = surely or [other for other in others if not self._lexicon.same(word, other)]
        return found

    def _exchange_of(self, word: str, partners: Sequence[str], desk: _Desk) -> EditedText | None:
        """Exchange a word in a fresh sentence: one where a partner fits, else one where it suits, else any."""
        own = self._fresh_places(word, desk)
        slots = self._slots
        for goes in (slots.fits_word, slots.suits_word):
            for sentence, position in own:
                fitting = [other for other in partners if goes(sentence, position, other)]
                if fitting and desk.take(made := exchange(sentence, position, desk.rng.choice(fitting))):
                    return made
        filled = self._fill_another(word, partners, desk)
        if filled is not None or not own:
            return filled
        sentence, position = own[0]
        made = exchange(sentence, position, desk.rng.choice(list(partners)))
        return made if desk.take(made) else None

    def _fill_another(self, word: str, partners: Sequence[str], desk: _Desk) -> EditedText | None:
        """Put the word, and its partner, where a word used like it stands."""
        likeness = self._slots.alike(word)
        near = [self._slots.vocabulary[i] for i in (-likeness).argsort(kind="stable")[1 : 1 + _WORD_TRIES]]
        for third in near:
            if third in partners or self._slots.counts[third] < _COMMON:
                continue
            for sentence, position in self._fresh_places(third, desk):
                fitting = [other for other in partners if self._slots.fits_word(sentence, position, other)]
                if not fitting or not self._slots.fits_word(sentence, position, word):
                    continue
                first = exchange(sentence, position, word)
                second = exchange(Sentence(first.b), position, desk.rng.choice(fitting))
                if sentence.text not in desk.used and desk.take(second):
                    desk.used.add(sentence.text)
                    return second
        return None

    def _fresh_places(self, word: str, desk: _Desk) -> list[tuple[Sentence, int]]:
        places = self._slots.places.get(word, ())
        fresh = [
            (sentence, position)
            for number, position in places
            if len(sentence := self._slots.sentences[number]) in _LENGTHS and desk.admits(sentence.text)
        ]
        return desk.rng.sample(fresh, min(len(fresh), _PLACES))

    def _swaps(self, rule: Rule, desk: _Desk) -> Iterator[EditedText]:
        for sentence in self._sentences_with(rule, desk):
            fitting = [edit for edit in swaps_in(self._slots, sentence) if self._relates(rule, edit, desk)]
            if fitting and desk.take(made := desk.rng.choice(fitting)):
                yield made

    def _relates(self, rule: Rule, edit: EditedText, desk: _Desk) -> bool:
        """Tell whether a swap is the rule's, and not just an exchange of words that are confused anyway."""
        around = not rule.words or bool(set(rule.words) & set(edit.edit.between))
        return around and not desk.request.confused.issuperset(edit.words)

    def _drops(self, rule: Rule, desk: _Desk) -> Iterator[EditedText]:
        """Drop (or, the other way round, add) the rule's words where their neighbours may stand together."""
        for sentence in self._sentences_with(rule, desk):
            positions = [i for i, word in enumerate(sentence.words) if word in rule.words and sentence.stands_alone(i)]
            closing = [i for i in positions if self._slots.closes(sentence, i)]
            if closing and desk.take(made := drop(sentence, desk.rng.choice(closing))):
                yield made if rule.kind is EditKind.DROP else EditedText(made.b, made.a, made.edit)

    def _sentences_with(self, rule: Rule, desk: _Desk) -> Iterator[Sentence]:
        """Go through the fresh sentences with one of the rule's words (through all, where it has none), shuffled."""
        numbers = list(range(len(self._slots.sentences)))
        desk.rng.shuffle(numbers)
        for number in numbers:
            if _suits(sentence := self._slots.sentences[number], rule, desk):
                yield sentence

    def _controls(self, rule: Rule, desk: _Desk) -> Iterator[EditedText]:
        """Exchange a thing or an attribute of the same kind of sentence, none that the target is seen to confuse."""
        for sentence in self._sentences_with(rule, desk):
            if rule.kind is EditKind.SWAP and not any(
                self._relates(rule, edit, desk) for edit in swaps_in(self._slots, sentence)
            ):
                continue
            made = self._control_in(sentence, rule, desk)
            if made is not None and desk.take(made):
                yield made

    def _control_in(self, sentence: Sentence, rule: Rule, desk: _Desk) -> EditedText | None:
        barred = desk.request.confused.union(rule.words)
        positions = [i for i, word in enumerate(sentence.words) if self._may_control(sentence, i, barred)]
        desk.rng.shuffle(positions)
        positions.sort(key=lambda position: role_of(sentence.words[position]) != "noun")
        for position in positions:
            others = self._replacements(sentence, position, barred)
            if others:
                return exchange(sentence, position, desk.rng.choice(others))
        return None

    def _may_control(self, sentence: Sentence, position: int, barred: frozenset[str]) -> bool:
        word = sentence.words[position]
        return (
            word in self._slots.index
            and word not in barred
            and sentence.stands_alone(position)
            and role_of(word) is not None
        )

    def _replacements(self, sentence: Sentence, position: int, barred: frozenset[str]) -> list[str]:
        word = sentence.words[position]
        fits, alike = self._slots.fits(sentence, position), self._slots.alike(word)
        found = [self._slots.vocabulary[i] for i in (fits & (alike >= _ALIKE)).nonzero()[0]]
        common = [other for other in found if other not in barred and self._slots.counts[other] >= _COMMON]
        alike_in_number = [o for o in common if self._lexicon.is_plural(o) == self._lexicon.is_plural(word)]
        things = [o for o in alike_in_number if role_of(o) == role_of(word)]
        surely = [o for o in things if self._lexicon.different(word, o)]
        return surely or [o for o in things if not self._lexicon.same(word, o)]  # the judge has the last word on these


def _suits(sentence: Sentence, rule: Rule, desk: _Desk) -> bool:
    """Tell whether a sentence is fresh, of a usable length, and has one of the rule's words, where it has any."""
    fits = not rule.words or not set(rule.words).isdisjoint(sentence.words)
    return fits and len(sentence) in _LENGTHS and desk.admits(sentence.text)
