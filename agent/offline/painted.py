"""Read what the scout had painted: which kinds of difference come out wrong more often than not?

Pictures are noisy where similarities are exact, so no single pair counts: a kind is proposed from its rate alone, the
posterior mean under a uniform prior (Laplace's rule of succession). Knows nothing of what words mean.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faultfinder.agent.offline.words import MOST_LISTED, listed
from faultfinder.agent.strategist import Proposal
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import EditKind, Outcome, Rule
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.prompt_scan import GENERAL, kind_of_difference

_FEWEST = 5
_WORTH_TESTING = 0.5
_SURELY_RIGHT = 0.2
_IN_TITLE = 4
_QUOTED = 2
_SCORED = (Outcome.FAIL, Outcome.PASS)


@dataclass(frozen=True)
class Difference:
    """One kind of difference, with the scored pairs that differ so."""

    name: str
    kind: EditKind
    pairs: tuple[PaintedPair, ...]

    @property
    def failing(self) -> list[PaintedPair]:
        """The pairs that were painted wrong."""
        return [pair for pair in self.pairs if pair.outcome is Outcome.FAIL]

    @property
    def rate(self) -> float:
        """How often it is painted wrong: (failed + 1) / (tried + 2)."""
        return (len(self.failing) + 1) / (len(self.pairs) + 2)

    @property
    def worth_testing(self) -> bool:
        """Tell whether enough pairs were tried, and at least every other one came out wrong."""
        enough = len(self.pairs) >= _FEWEST and (bool(self.words) or self.kind is EditKind.SWAP)
        return enough and self.rate >= _WORTH_TESTING

    @property
    def words_surely_right(self) -> frozenset[str]:
        """The words of which hardly a pair came out wrong."""
        return self._words_where(lambda failed, tried: tried >= _FEWEST and (failed + 1) / (tried + 2) < _SURELY_RIGHT)

    @property
    def words_mostly_wrong(self) -> frozenset[str]:
        """The words of which at least every other pair came out wrong."""
        return self._words_where(lambda failed, tried: (failed + 1) / (tried + 2) >= _WORTH_TESTING)

    def without(self, words: frozenset[str]) -> "Difference":
        """Leave out the pairs of some words."""
        return Difference(self.name, self.kind, tuple(pair for pair in self.pairs if not words & _words_of(pair)))

    def among(self, words: frozenset[str]) -> "Difference":
        """Keep the pairs whose words are all among those given."""
        return Difference(self.name, self.kind, tuple(pair for pair in self.pairs if words >= _words_of(pair)))

    def _words_where(self, holds: Callable[[int, int], bool]) -> frozenset[str]:
        if self.kind is EditKind.SWAP:
            return frozenset()
        tried, failed = Counter[str](), Counter[str]()
        for pair in self.pairs:
            tried.update(_words_of(pair))
            failed.update(_words_of(pair) if pair.outcome is Outcome.FAIL else ())
        return frozenset(word for word in tried if holds(failed[word], tried[word]))

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


def worth_testing(pairs: Sequence[PaintedPair], lexicon: Lexicon) -> list[Difference]:
    """Return what comes out wrong at least every other time: whole kinds of difference, or a few words of a kind."""
    found = []
    for each in differences(pairs, lexicon):
        whole = each.without(each.words_surely_right)
        narrow = each.among(each.words_mostly_wrong)
        found += [one for one in (whole, narrow) if one.worth_testing][:1]
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


def painted_proposal(difference: Difference) -> Proposal:
    """Put a kind of difference into words."""
    rule = Rule(kind=difference.kind, words=difference.words)
    return say_rule(rule, difference.name, [(pair.id, pair.a, pair.b) for pair in difference.failing])


def say_rule(rule: Rule, name: str, failing: Sequence[tuple[str, str, str]]) -> Proposal:
    """Put a rule about prompts into words.

    Args:
        rule: the kind of edit and its words.
        name: what the words are: "colours".
        failing: id and texts of pairs that were painted wrong.
    """
    title, sentence = {EditKind.EXCHANGE: _exchange, EditKind.SWAP: _swap}.get(rule.kind, _presence)(rule.words, name)
    shown = [f"'{a}' and '{b}'" for _, a, b in failing[:_QUOTED]]
    example = f"For example {', and '.join(shown)}." if shown else ""
    return Proposal(
        title=title,
        description=f"{sentence} {example}".strip(),
        rule=rule,
        evidence=tuple(key for key, _, _ in failing[:12]),
    )


def _exchange(words: Sequence[str], name: str) -> tuple[str, str]:
    few = listed(words, _IN_TITLE)
    what = few if name in GENERAL or name == few else f"{name} ({few})"
    return f"{what} are not painted as asked", (
        f"Asked for two pictures whose prompts differ only in which of these words ({name}) they use, the model paints "
        f"at least one that shows the other prompt or neither: {listed(words, MOST_LISTED)}."
    )


def _swap(_words: Sequence[str], _name: str) -> tuple[str, str]:
    return "who is where is not painted as asked", (
        "Asked for two pictures whose prompts have the same words with two of them in each other's places, the model "
        "paints at least one that shows the other prompt or neither."
    )


def _presence(words: Sequence[str], _name: str) -> tuple[str, str]:
    return f"whether {listed(words, _IN_TITLE)} is there is not painted as asked", (
        "Asked for two pictures whose prompts differ only in whether they have one of these words, the model paints at "
        f"least one that shows the other prompt or neither: {listed(words, MOST_LISTED)}."
    )
