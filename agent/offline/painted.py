"""Read what the scout had painted: which kinds of difference come out wrong more often than not?

Pictures are noisy where similarities are exact, so no single pair counts: a kind is proposed from its rate alone.
Knows nothing of what words mean.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from faultfinder.agent.offline.blame import Exchanged, all_but, centre_of, failure_rate, to_blame
from faultfinder.agent.offline.groups import Group
from faultfinder.agent.offline.words import MOST_LISTED, listed
from faultfinder.agent.strategist import Proposal
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import EditKind, Outcome, Rule
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.prompt_scan import GENERAL, kind_of_difference

_FEWEST = 5
_WORTH_TESTING = 0.5
_SURELY_RIGHT = 0.2
_HALF = 0.5
_IN_TITLE = 4
_QUOTED = 2
_SCORED = (Outcome.FAIL, Outcome.PASS)


@dataclass(frozen=True)
class Difference:
    """One kind of difference, with the scored pairs that differ so.

    Attributes:
        name: what the kind is called: "colours".
        kind: of edit.
        pairs: those painted and scored.
        centre: words of which every pair has one; empty where any two may be exchanged.
    """

    name: str
    kind: EditKind
    pairs: tuple[PaintedPair, ...]
    centre: frozenset[str] = frozenset()

    @property
    def rule(self) -> Rule:
        """Return it as a rule."""
        excluded = all_but(self.centre, self.words) if self.centre else ()
        return Rule(kind=self.kind, words=self.words, excluded=excluded)

    @property
    def failing(self) -> list[PaintedPair]:
        """The pairs that were painted wrong."""
        return [pair for pair in self.pairs if pair.outcome is Outcome.FAIL]

    @property
    def tries(self) -> list[Exchanged]:
        """What was tried, by words; all swaps are alike."""
        swaps = self.kind is EditKind.SWAP
        return [
            Exchanged(frozenset() if swaps else _words_of(pair), failed=pair.outcome is Outcome.FAIL)
            for pair in self.pairs
        ]

    @property
    def rate(self) -> float:
        """How often it is painted wrong."""
        return failure_rate(self.tries)

    @property
    def worth_testing(self) -> bool:
        """Tell whether enough pairs were tried, and at least every other one came out wrong."""
        enough = len(self.pairs) >= _FEWEST and (bool(self.words) or self.kind is EditKind.SWAP)
        return enough and self.rate >= _WORTH_TESTING

    def some_words(self) -> list["Difference"]:
        """Return what to test of it, the widest first: all but the words that are right, or those that are wrong."""
        right = self._words_rated(lambda tried, rate: tried >= _FEWEST and rate < _SURELY_RIGHT)
        wrong = self._words_rated(lambda _, rate: rate >= _WORTH_TESTING)
        widest = self._around_some() or self._where(lambda words: not words & right)
        return [widest, self._where(lambda words: wrong >= words)]

    def _around_some(self) -> "Difference | None":
        """Return it about the few words that fail with any other; None unless the rest are right, or were not tried."""
        blamed = frozenset(to_blame(self.tries, _WORTH_TESTING)) if self.kind is EditKind.EXCHANGE else frozenset()
        rest = self._where(lambda words: not words & blamed)
        share = len(blamed) / max(1, len(self.words))
        few = share <= _HALF if rest.pairs else share < _HALF
        if not blamed or not few or (rest.pairs and rest.rate >= _WORTH_TESTING):
            return None
        return replace(self._where(lambda words: bool(words & blamed)), centre=blamed)

    @property
    def word_pairs(self) -> list["Difference"]:
        """The pairs by which two words are exchanged in them; none where words are swapped, dropped or added."""
        by_words = {_words_of(pair) for pair in self.pairs} if self.kind is EditKind.EXCHANGE else set()
        found = [self._where(words.__eq__) for words in by_words]
        return sorted(found, key=lambda each: (-each.rate, each.words))

    def _where(self, holds: Callable[[frozenset[str]], bool]) -> "Difference":
        return Difference(self.name, self.kind, tuple(pair for pair in self.pairs if holds(_words_of(pair))))

    def _words_rated(self, holds: Callable[[int, float], bool]) -> frozenset[str]:
        of_words = {word: self._with(word) for word in self.words}
        return frozenset(word for word, of_word in of_words.items() if holds(len(of_word.pairs), of_word.rate))

    def _with(self, word: str) -> "Difference":
        return self._where(lambda words: word in words)

    @property
    def words(self) -> tuple[str, ...]:
        """The words it works on, in alphabetical order; for a swap the words between what changed places."""
        if self.kind is EditKind.SWAP:
            return ()
        return tuple(sorted({word for pair in self.pairs for word in _words_of(pair)}))


def differences(pairs: Sequence[PaintedPair], lexicon: Lexicon) -> list[Difference]:
    """Sort scored pairs by kind of difference: named kinds first, then those that fail most."""
    found: dict[tuple[str, EditKind], list[PaintedPair]] = defaultdict(list)
    for pair in pairs:
        if pair.edit and pair.outcome in _SCORED:
            found[kind_of_difference(pair.edit, lexicon), pair.edit.kind].append(pair)
    sorts = [Difference(name, kind, tuple(some)) for (name, kind), some in found.items()]
    return sorted(sorts, key=lambda each: (each.name in GENERAL, -each.rate, each.name, each.kind))


def worth_testing(pairs: Sequence[PaintedPair], lexicon: Lexicon, focus: Collection[str] = ()) -> list[Difference]:
    """Return what comes out wrong at least every other time.

    That is a whole kind of difference; or some words of it, exchanged for any other or only for each other; or two.

    Args:
        pairs: what was painted.
        lexicon: names the kinds.
        focus: kinds that come first.
    """
    found: list[Difference] = []
    for each in sorted(differences(pairs, lexicon), key=lambda each: each.name not in focus):
        chosen = [one for one in each.some_words() if one.worth_testing][:1]
        named = frozenset(word for one in chosen for word in one.centre or one.words)
        found += chosen + [two for two in each.word_pairs if two.worth_testing and not named & set(two.words)]
    return found


def _words_of(pair: PaintedPair) -> frozenset[str]:
    edit = pair.edit
    return frozenset(word.lower() for word in edit.removed + edit.added) if edit else frozenset()


def words_painted_wrong(pairs: Sequence[PaintedPair]) -> frozenset[str]:
    """Return the words whose exchange, dropping or adding comes out wrong more often than right."""
    failed, tried = Counter[str](), Counter[str]()
    for pair in pairs:
        if pair.edit and pair.edit.kind is not EditKind.SWAP and pair.outcome in _SCORED:
            tried.update(_words_of(pair))
            failed.update(_words_of(pair) if pair.outcome is Outcome.FAIL else ())
    return frozenset(word for word in tried if failed[word] * 2 > tried[word])


def words_to_look_at_again(pairs: Sequence[PaintedPair]) -> frozenset[str]:
    """Return the words painted wrong, and any two that are when one is exchanged for the other.

    Two words can be one to a model that tells each from all others ("red" and "green"); then neither alone comes out
    wrong more often than right. Which of the two it is, chance or that, a second look has to tell.
    """
    exchanged: dict[frozenset[str], Counter[Outcome]] = defaultdict(Counter)
    for pair in pairs:
        if pair.edit and pair.edit.kind is EditKind.EXCHANGE and pair.outcome in _SCORED:
            exchanged[_words_of(pair)][pair.outcome] += 1
    mostly = [words for words, ends in exchanged.items() if ends[Outcome.FAIL] > ends[Outcome.PASS]]
    return words_painted_wrong(pairs).union(*mostly)


def painted_proposal(difference: Difference) -> Proposal:
    """Put a kind of difference into words."""
    return say_rule(difference.rule, difference.name, [(pair.id, pair.a, pair.b) for pair in difference.failing])


def say_group(group: Group, lexicon: Lexicon) -> Proposal:
    """Put words that are painted wrong together into words."""
    name = lexicon.name_group(group.words) or "words"
    return say_rule(group.rule, name, [(pair.id, pair.a, pair.b) for pair in group.evidence])


def say_rule(rule: Rule, name: str, failing: Sequence[tuple[str, str, str]]) -> Proposal:
    """Put a rule about prompts into words.

    Args:
        rule: the kind of edit and its words.
        name: what the words are: "colours".
        failing: id and texts of pairs that were painted wrong.
    """
    title, sentence = {EditKind.EXCHANGE: _exchange, EditKind.SWAP: _swap}.get(rule.kind, _presence)(rule, name)
    shown = [f"'{a}' and '{b}'" for _, a, b in failing[:_QUOTED]]
    example = f"For example {', and '.join(shown)}." if shown else ""
    return Proposal(
        title=title,
        description=f"{sentence} {example}".strip(),
        rule=rule,
        evidence=tuple(key for key, _, _ in failing[:12]),
    )


def _exchange(rule: Rule, name: str) -> tuple[str, str]:
    if centre := centre_of(rule):
        return _exchange_of_some(centre, [word for word in rule.words if word not in centre], name)
    few = listed(rule.words, _IN_TITLE)
    what = few if name in GENERAL or name == few else f"{name} ({few})"
    return f"{what} are not painted as asked", (
        f"Asked for two pictures whose prompts differ only in which of these words ({name}) they use, the model paints "
        f"at least one that shows the other prompt or neither: {listed(rule.words, MOST_LISTED)}."
    )


def _exchange_of_some(centre: Sequence[str], others: Sequence[str], name: str) -> tuple[str, str]:
    these, verb = listed(centre, MOST_LISTED), "is" if len(centre) == 1 else "are"
    return f"{these} among {name} {verb} not painted as asked", (
        f"Asked for two pictures of whose prompts one says {these} where the other says one of these words ({name}), "
        f"the model paints at least one that shows the other prompt or neither: {listed(others, MOST_LISTED)}."
    )


def _swap(_rule: Rule, _name: str) -> tuple[str, str]:
    return "who is where is not painted as asked", (
        "Asked for two pictures whose prompts have the same words with two of them in each other's places, the model "
        "paints at least one that shows the other prompt or neither."
    )


def _presence(rule: Rule, _name: str) -> tuple[str, str]:
    return f"whether {listed(rule.words, _IN_TITLE)} is there is not painted as asked", (
        "Asked for two pictures whose prompts differ only in whether they have one of these words, the model paints at "
        f"least one that shows the other prompt or neither: {listed(rule.words, MOST_LISTED)}."
    )
