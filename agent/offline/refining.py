"""What to do with an inconclusive hypothesis, and how a confirmed one relates to what is known."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from faultfinder.agent.offline.blame import Exchanged, WordPair, all_but, centre_of, failure_rate, to_blame
from faultfinder.agent.offline.groups import Group
from faultfinder.agent.offline.painted import say_group
from faultfinder.agent.offline.words import proposal
from faultfinder.agent.strategist import Kinship, Proposal, Refinement, Relation, Step, Trial, Tried
from faultfinder.memory.records import (
    Edit,
    EditKind,
    Failure,
    Hypothesis,
    Judgement,
    Meaning,
    MinedPair,
    Outcome,
    Rule,
    Source,
)
from faultfinder.tools.edits import Sentence
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.pair_forest import components

_NEARLY = 0.6
_MOST_LOOKS = 3
_FAILING = 0.7
_KIN = 0.6
_INSIDE = 0.5
_TWO = 2
_EVEN = 0.5


def is_within(rule: Rule, other: Rule) -> bool:
    """Tell whether a rule says little that the other does not: the same kind of edit on mostly the same words."""
    if rule.kind is not other.kind:
        return {rule.kind, other.kind} == {EditKind.ADD, EditKind.DROP} and set(rule.words) <= set(other.words)
    if not rule.words or not other.words:
        return not other.words
    ours, theirs = _about_words(rule), _about_words(other)
    return len(ours & theirs) >= _INSIDE * len(ours)


def _about_words(rule: Rule) -> frozenset[str]:
    """Return the words that a rule is about: of one about a centre that, else all it works on."""
    return frozenset(centre_of(rule) or rule.words)


def relate(hypothesis: Hypothesis, known: Sequence[Failure]) -> Relation:
    """Find the known failure that says the same, else one that says more, by the words of the rules."""
    same = [failure for failure in known if _same(hypothesis, failure)]
    if same:
        return Relation(kinship=Kinship.SAME, failure=same[0].id)
    wider = [failure for failure in known if _narrower(hypothesis.rule, failure.rule)]
    if wider:
        return Relation(kinship=Kinship.NARROWER, failure=wider[0].id)
    return Relation(kinship=Kinship.NEW)


def _same(hypothesis: Hypothesis, failure: Failure) -> bool:
    return say_the_same(hypothesis.rule, hypothesis.title, failure.rule, failure.title)


def say_the_same(ours: Rule | None, our_title: str, theirs: Rule | None, their_title: str) -> bool:
    """Tell whether two hypotheses say the same, by the words of their rules; where one has none, by their titles."""
    if ours is None or theirs is None:
        return our_title.casefold() == their_title.casefold()
    if ours.kind is not theirs.kind:
        return False
    one, another = _about_words(ours), _about_words(theirs)
    either, both = one | another, one & another
    return not either or (bool(both) and len(both) >= _KIN * len(either))


def _narrower(rule: Rule | None, other: Rule | None) -> bool:
    if rule is None or other is None or rule.kind is not other.kind:
        return False
    return _about_words(rule) < _about_words(other) or (bool(rule.words) and not other.words)


def refine(trial: Trial, lexicon: Lexicon) -> Refinement:
    """Buy more cases when the rate is near enough to be decided, else keep the words that failed, else give up."""
    rate, rule = trial.verdict.probes.rate, trial.hypothesis.rule
    if rule is None or rate is None:
        return Refinement(step=Step.DROP)
    if rate >= _NEARLY and trial.verdict.look < _MOST_LOOKS:
        return Refinement(step=Step.MORE)
    child = _narrowed(trial, rule) if trial.hypothesis.parent is None else None
    if child is None:
        return Refinement(step=Step.DROP)
    return Refinement(step=Step.CHILDREN, children=(_say(child, trial, lexicon),))


def _say(child: Group, trial: Trial, lexicon: Lexicon) -> Proposal:
    """Put a narrower hypothesis into words: about pictures where the trial had some painted, else about texts."""
    of_texts = any(case.observation.target_similarity is not None for case in trial.probes)
    return (proposal if of_texts else say_group)(child, lexicon)


def _narrowed(trial: Trial, rule: Rule) -> Group | None:
    """Return the rule without what mostly passed; None when that changes nothing."""
    words, apart = (_of_exchanges if rule.kind is EditKind.EXCHANGE else _of_others)(trial.probes, rule)
    excluded = tuple(pair for pair in dict.fromkeys((*rule.excluded, *apart)) if set(pair) <= set(words))
    narrower = Group(rule.kind, words, _failing(trial.probes, rule, words, excluded), excluded)
    changed = (set(words), set(excluded)) != (set(rule.words), set(rule.excluded))
    fewest = 2 if rule.kind is EditKind.EXCHANGE else 1
    return narrower if len(words) >= fewest and changed and narrower.evidence else None


def _of_others(probes: Sequence[Tried], rule: Rule) -> tuple[tuple[str, ...], tuple[WordPair, ...]]:
    """Return the words (or relations) whose probes mostly failed; no two of them are left out."""
    failed = _failure_rates(probes, rule)
    return tuple(word for word in rule.words if failed.get(word, 0.0) >= _FAILING), ()


def _of_exchanges(probes: Sequence[Tried], rule: Rule) -> tuple[tuple[str, ...], tuple[WordPair, ...]]:
    """Return the words whose exchange fails, and which two of them are not to be exchanged.

    Words that fail with any other are kept with those they fail with; else the largest group that fails in pairs.
    """
    tries = [
        Exchanged(frozenset(both), failed=_failed(c)) for c in probes if _scored(c) and (both := _touched(c, rule))
    ]
    rates = {each.words: failure_rate([other for other in tries if other.words == each.words]) for each in tries}
    if blamed := to_blame(tries, _FAILING):
        beside = {word for words, rate in rates.items() if rate > _EVEN and words & set(blamed) for word in words}
        words = tuple(word for word in rule.words if word in beside)
        return words, all_but(blamed, words)
    failing = [(min(words), max(words)) for words, rate in rates.items() if len(words) == _TWO and rate >= _FAILING]
    words = tuple(sorted(max(components(failing), key=len, default=())))
    return words, tuple(pair for pair in combinations(words, 2) if rates.get(frozenset(pair), 1.0) < _EVEN)


def _failing(
    probes: Sequence[Tried], rule: Rule, words: Sequence[str], excluded: Sequence[WordPair]
) -> tuple[MinedPair, ...]:
    """Return the failed probes of some of a rule's words."""
    return tuple(
        _as_mined(case, rule)
        for case in probes
        if _failed(case) and (touched := _touched(case, rule)) & set(words) and tuple(sorted(touched)) not in excluded
    )


def _scored(case: Tried) -> bool:
    return case.observation.outcome in (Outcome.FAIL, Outcome.PASS)


def _failed(case: Tried) -> bool:
    return case.observation.outcome is Outcome.FAIL


def _failure_rates(probes: Sequence[Tried], rule: Rule) -> Mapping[str, float]:
    """Return how often the scored probes with a word failed, by word of the rule."""
    outcomes: dict[str, list[bool]] = defaultdict(list)
    for case in probes:
        if _scored(case):
            for word in _touched(case, rule):
                outcomes[word].append(_failed(case))
    return {word: sum(failed) / len(failed) for word, failed in outcomes.items()}


def _touched(case: Tried, rule: Rule) -> set[str]:
    """Return the rule's words that an edit touched: those on one side only, or, for a swap, those in the sentence."""
    a, b = set(Sentence(case.a).words), set(Sentence(case.b).words)
    return set(rule.words) & (a if rule.kind is EditKind.SWAP else a ^ b)


def _as_mined(case: Tried, rule: Rule) -> MinedPair:
    observed = case.observation
    return MinedPair(
        id=observed.case,
        a=case.a,
        b=case.b,
        target_similarity=observed.target_similarity or 0.0,
        bar=observed.bar or 0.0,
        source=Source.EDITS,
        edit=Edit(kind=rule.kind),
        judgement=Judgement(meaning=Meaning.DIFFERENT, reason="a valid probe", judge="experiment"),
    )
