"""One failure, one finding: proven hypotheses that say the same of different words or texts are combined.

An audit that explores proves a failure piece by piece ("where buses are spoken of", then "where trucks are"). Each
piece was proven by its own test on fresh inputs; together they are one statement, as general as what was proven and no
more general than that. Nothing is tested or counted anew: the cases of the pieces are laid together.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from faultfinder.agent.explore.regions import restricted
from faultfinder.agent.inquiries import Inquiry
from faultfinder.agent.judge import count, exact_p
from faultfinder.agent.offline.blame import WordPair
from faultfinder.agent.offline.groups import Group
from faultfinder.agent.offline.painted import say_group
from faultfinder.agent.offline.refining import is_within
from faultfinder.agent.offline.words import proposal
from faultfinder.memory.records import Decision, EditKind, Hypothesis, Role, Rule, Verdict
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.pair_forest import components


def combined(inquiries: Sequence[Inquiry]) -> list[Inquiry]:
    """Return the inquiries with those that prove one failure combined, at the place of the first of them."""
    proven = {each.hypothesis.id: each for each in inquiries if each.decision is Decision.SUPPORTED}
    pairs = [
        (one.hypothesis.id, other.hypothesis.id)
        for one, other in combinations(proven.values(), 2)
        if are_one(one.hypothesis, other.hypothesis)
    ]
    whole: dict[str, Inquiry] = {}
    for group in components(pairs):
        members = [proven[key] for key in proven if key in group]
        one = _combine(members)
        whole.update({member.hypothesis.id: one for member in members})
    return list(dict.fromkeys(whole.get(each.hypothesis.id, each) for each in inquiries))


def are_one(one: Hypothesis, other: Hypothesis) -> bool:
    """Tell whether two hypotheses are about one failure: the same kind of edit on mostly the same words.

    Words of one named class (sizes) are mostly the same where they share one.
    """
    if one.rule is None or other.rule is None:
        return one.description == other.description
    if one.rule.kind is not other.rule.kind:
        return False
    return is_within(one.rule, other.rule) or is_within(other.rule, one.rule) or _of_one_class(one.rule, other.rule)


def _of_one_class(one: Rule, other: Rule) -> bool:
    ours, theirs = set(one.words), set(other.words)
    if one.kind is not EditKind.EXCHANGE or ours.isdisjoint(theirs):
        return False
    classes = [Lexicon.load().classes(word) for word in ours | theirs]
    return bool(set(classes[0]).intersection(*classes))


def _combine(members: Sequence[Inquiry]) -> Inquiry:
    """Combine pieces of one failure; where one of them says it of all texts, the others are special cases of it."""
    general = [each for each in members if not each.hypothesis.within]
    kept = general or list(members)
    lead = kept[0]
    parts = tuple(each.hypothesis.id for each in members if each is not lead)
    if len(kept) == 1:
        return replace(lead, parts=parts)
    attempts = tuple(attempt for each in kept for attempt in each.attempts)
    pooled = replace(
        lead,
        hypothesis=_statement(kept),
        attempts=attempts,
        unjudged=sum(each.unjudged for each in kept),
        parts=parts,
    )
    verdicts = [each.verdict for each in kept if each.verdict]
    return replace(pooled, verdict=_pooled(pooled, verdicts), machine=lead.machine)


def _pooled(inquiry: Inquiry, verdicts: Sequence[Verdict]) -> Verdict:
    """Count the cases of several tests together; each was proven at its own share, the smallest is quoted."""
    arms = {
        role: count(attempt.seen.outcome for attempt in inquiry.attempts if attempt.case.role is role) for role in Role
    }
    probes, control = arms[Role.PROBE], arms[Role.CONTROL]
    return verdicts[0].model_copy(
        update={
            "probes": probes,
            "control": control,
            "p_value": exact_p(probes, control),
            "alpha": min(verdict.alpha for verdict in verdicts),
            "reason": f"{len(verdicts)} tests, each of them proven: {probes.fail} of {probes.fail + probes.passed} "
            f"probes fail against {control.fail} of {control.fail + control.passed} controls",
        }
    )


def _statement(kept: Sequence[Inquiry]) -> Hypothesis:
    """Say what several pieces say together: of all their words, within all their texts."""
    pieces = [each.hypothesis for each in kept]
    lead = pieces[0]
    rules = [piece.rule for piece in pieces if piece.rule]
    if not rules:
        return lead
    words = tuple(sorted({word for rule in rules for word in rule.words}))
    excluded = _left_out_of_all(rules)
    rule = Rule(kind=lead.rule.kind if lead.rule else rules[0].kind, words=words, excluded=excluded)
    lexicon = Lexicon.load()
    of_texts = any(attempt.seen.target_similarity is not None for each in kept for attempt in each.attempts)
    said = (proposal if of_texts else say_group)(Group(rule.kind, words, (), excluded), lexicon)
    within = tuple(dict.fromkeys(word for piece in pieces for group in piece.within for word in group))
    if within:
        said = restricted(said, within, lexicon)
    return lead.model_copy(
        update={"title": said.title, "description": said.description, "rule": rule, "within": said.within}
    )


def _left_out_of_all(rules: Sequence[Rule]) -> tuple[WordPair, ...]:
    """Return the word pairs that every rule with both words leaves out."""
    pairs = dict.fromkeys(pair for rule in rules for pair in rule.excluded)
    return tuple(pair for pair in pairs if all(pair in rule.excluded for rule in rules if set(pair) <= set(rule.words)))
