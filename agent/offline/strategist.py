"""The offline strategist: explores, proposes and refines without a language model.

It reads how the two sides of mined pairs differ, groups the differences, names the groups, and writes probes by making
the same kind of edit in corpus sentences nobody has looked at. It is deterministic and knows nothing of the lab.
"""

import json
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langchain_core.tools import BaseTool

from faultfinder.agent.offline.changed import refine_region, region_proposal, relate_regions
from faultfinder.agent.offline.groups import EXACT, Group, exchange_groups, swap_groups, word_groups
from faultfinder.agent.offline.painted import painted_proposal, worth_testing
from faultfinder.agent.offline.probes import ProbeWriter
from faultfinder.agent.offline.refining import is_within, refine, relate, say_the_same
from faultfinder.agent.offline.words import proposal, related_in, topics_of, words_of_goal
from faultfinder.agent.strategist import Design, DesignRequest, Evidence, Proposal, Refinement, Relation, Trial
from faultfinder.memory.records import Brief, EditKind, Failure, Hypothesis, MinedPair, Rule
from faultfinder.tools.corpora import Corpus
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.lexicon_words import DETERMINERS
from faultfinder.tools.meaning import LEXICON
from faultfinder.tools.natural_edits import swaps_in
from faultfinder.tools.slots import Slots

MOST_ROUNDS = 3
"""Rounds of the edit scan after which the corpus has been looked at enough."""

_MOST_FOCUS = 60
_MINING = {"scan_edits", "scan_prompts", "find_agreements"}


class OfflineStrategist:
    """A strategist that works from the corpus, the lexicon and the evidence alone."""

    name = "offline"

    def __init__(self, corpus: Corpus, lexicon: Lexicon, seed: int) -> None:
        """Keep the corpus and the lexicon; the corpus' slots are learnt when first needed.

        Args:
            corpus: where words and sentences come from.
            lexicon: names groups of words and sorts out synonyms.
            seed: fixes the choice of sentences.
        """
        self._corpus = corpus
        self._lexicon = lexicon
        self._seed = seed

    @cached_property
    def _slots(self) -> Slots:
        return Slots(self._corpus.texts)

    @cached_property
    def _writer(self) -> ProbeWriter:
        return ProbeWriter(self._slots, self._lexicon, self._seed)

    def brief(self, goal: str) -> Brief:
        """Read kinds of difference and subject words from the goal; what it does not name is not left out."""
        topics = topics_of(goal, self._lexicon)
        asked = [word for word in words_of_goal(goal) if not self._lexicon.classes(word)]
        nouns = [word for word in asked if self._lexicon.part_of_speech(word) == "noun"]
        domain = related_in(self._slots.vocabulary, nouns, self._lexicon) if nouns else ()
        return Brief(goal=goal, focus=topics, domain=() if topics else domain)

    def explore(self, brief: Brief, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> AIMessage:
        """Scan the edits first, then the agreements and the memory; one further scan in each later round."""
        if any(isinstance(message, ToolMessage) for message in messages):
            return AIMessage("Seen enough: on to hypotheses.")
        status = _status(messages)
        number = int(status.get("round", 0))
        offered = {tool.name for tool in tools}
        if "explore_landscape" in offered and not status.get("explored", 0):
            return AIMessage("", tool_calls=[_call("explore_landscape", {}, number)])
        if not offered & _MINING:
            return AIMessage("The landscape has been explored.")
        if number >= MOST_ROUNDS or (status.get("unexplained", 0) and "scan_prompts" not in offered):
            return AIMessage("The evidence at hand is enough.")
        focus = self._focus_words(brief)
        suspects = _suspects(messages) if number else []
        calls = [
            _call("scan_edits", {"focus": focus, "round": number}, number),
            _call("scan_prompts", {"focus": suspects or self._named(brief) or focus, "round": number}, number),
        ]
        if number == 0:
            calls.append(_call("find_agreements", {"domain": list(brief.domain), "most": 150}, number))
            calls.append(_call("recall_failures", {"query": brief.goal, "k": 5}, number))
        return AIMessage("", tool_calls=[call for call in calls if call["name"] in offered])

    def hypothesize(self, brief: Brief, evidence: Evidence, most: int) -> list[Proposal]:
        """Propose what memory knows and fits this corpus, then the groups the evidence falls into."""
        known = [self._repeat(failure) for failure in evidence.known if self._can_test(failure.rule)]
        tried = [h.rule for h in evidence.tried if h.rule is not None and not h.within]
        chosen = [region_proposal(region) for region in evidence.regions]
        seen = [proposal(group, self._lexicon) for group in self._groups(brief, evidence)]
        for idea in known + seen:
            if idea.rule is not None and not any(is_within(idea.rule, rule) for rule in tried):
                chosen.append(idea)
                tried.append(idea.rule)
        return [*chosen, *self._painted(brief, evidence, tried)][:most]

    def _painted(self, brief: Brief, evidence: Evidence, tried: Sequence[Rule]) -> list[Proposal]:
        """Propose what comes out wrong in pictures: nothing tried, nor a part of what is proven."""
        proven = [h.rule for h in evidence.tried if h.id in evidence.proven and h.rule is not None]
        chosen: list[Proposal] = []
        for each in worth_testing(evidence.painted, self._lexicon, brief.focus):
            idea = painted_proposal(each)
            settled = [*proven, *(other.rule for other in chosen)]
            within = any(is_within(each.rule, rule) for rule in settled if rule)
            if not within and not any(say_the_same(each.rule, "", rule, "") for rule in tried):
                chosen.append(idea)
        return chosen

    def design(self, request: DesignRequest) -> Design:
        """Write fresh probes and controls from the corpus."""
        return self._writer.design(request)

    def refine(self, trial: Trial) -> Refinement:
        """Narrow to what failed, buy more when nearly decided, else drop."""
        if trial.hypothesis.region is not None:
            return refine_region(trial)
        return refine(trial, self._lexicon)

    def relate(self, hypothesis: Hypothesis, known: Sequence[Failure]) -> Relation:
        """Compare rules, or regions; without either, titles."""
        if hypothesis.region is not None:
            return relate_regions(hypothesis, known)
        return relate(hypothesis, known)

    def _focus_words(self, brief: Brief) -> list[str]:
        """Return the corpus' words of the classes in focus, most frequent first."""
        wanted = set(brief.focus)
        if not wanted:
            return []
        return [word for word in self._slots.vocabulary if wanted & set(self._lexicon.classes(word))][:_MOST_FOCUS]

    def _named(self, brief: Brief) -> list[str]:
        """Return the corpus' words that the goal itself names, where they are several of one class: "red", "green"."""
        words = [word for word in words_of_goal(brief.goal) if word in self._slots.index]
        sharing = Counter(name for word in words for name in self._lexicon.classes(word))
        return [word for word in words if any(sharing[name] > 1 for name in self._lexicon.classes(word))]

    def _groups(self, brief: Brief, evidence: Evidence) -> list[Group]:
        """Return the evidence's groups, the surest first, those in focus before others of their kind."""
        exchanges = exchange_groups([pair for pair in evidence.agreed if self._counts(pair)], evidence.noticed)
        swaps = [
            group
            for group in swap_groups(evidence.agreed, evidence.noticed, _confused(evidence))
            if not set(group.words) & DETERMINERS
        ]
        words = self._by_class(evidence)
        taken = {word for group in exchanges if group.exact for word in group.words}
        words = [group for group in words if not taken & set(group.words)]
        groups = sorted([*swaps, *exchanges, *words], key=self._worth, reverse=True)
        turns = self._turns(groups)
        order = sorted(
            range(len(groups)),
            key=lambda i: (not groups[i].exact, not self._in_focus(groups[i], brief), turns[i]),
        )
        return [groups[i] for i in order]

    def _turns(self, groups: Sequence[Group]) -> list[int]:
        """Number the groups of one name, so that every kind of difference comes up before another of its kind does."""
        met = Counter[str]()
        turns = []
        for group in groups:
            name = self._lexicon.name_group(group.words) or group.kind
            turns.append(met[name])
            met[name] += 1
        return turns

    def _counts(self, pair: MinedPair) -> bool:
        """Tell whether an exchange may be evidence.

        A sound encoder that places two words close has a reason, and the lexicon's distances alone are no match for it
        ("drink" for "beverage"). So a close, not equal, pair needs more: one class of words, or another judge.
        """
        words = pair.exchanged
        if words is None or pair.target_similarity >= EXACT or pair.judgement.judge != LEXICON:
            return True
        classes = [set(self._lexicon.classes(word)) for word in words]
        return bool(classes[0] & classes[1]) or pair.judgement.reason.startswith("antonyms")

    def _in_focus(self, group: Group, brief: Brief) -> bool:
        if group.kind is EditKind.SWAP:
            return "order" in brief.focus
        return bool(set(brief.focus) & {name for word in group.words for name in self._lexicon.classes(word)})

    def _worth(self, group: Group) -> float:
        """Rate how much a group explains; words that form a class of their own explain more."""
        size = 20 if group.kind is EditKind.SWAP and not group.words else len(group.evidence)
        return size * (2 if group.words and self._lexicon.name_group(group.words) else 1)

    def _by_class(self, evidence: Evidence) -> list[Group]:
        """Join dropped (or added) words of one class, or else of one part of speech."""
        joined: dict[tuple[EditKind, str], list[Group]] = {}
        for kind in (EditKind.DROP, EditKind.ADD):
            for group in word_groups(kind, evidence.agreed, evidence.noticed):
                word = group.words[0]
                key = (*self._lexicon.classes(word), self._lexicon.part_of_speech(word) or "other words")[0]
                joined.setdefault((kind, key), []).append(group)
        return [
            Group(
                kind,
                tuple(sorted(word for group in groups for word in group.words)),
                tuple(pair for group in groups for pair in group.evidence),
                exact=all(group.exact for group in groups),
            )
            for (kind, _), groups in joined.items()
        ]

    def _repeat(self, failure: Failure) -> Proposal:
        return Proposal(title=failure.title, description=failure.description, rule=failure.rule, known=failure.id)

    def _can_test(self, rule: Rule | None) -> bool:
        """Tell whether the corpus has the words (or the swaps) a rule is about."""
        if rule is None:
            return False
        if rule.words:
            return sum(word in self._slots.index for word in rule.words) >= min(2, len(rule.words))
        return any(swaps_in(self._slots, sentence) for sentence in self._slots.sentences[:1000])


def _status(messages: Sequence[BaseMessage]) -> dict[str, int]:
    """Return the numbers of the status the loop opens a round with; none if there is no such message."""
    if not messages:
        return {}
    try:
        told = json.loads(str(messages[0].content))
    except ValueError:
        return {}
    return {key: value for key, value in told.items() if isinstance(value, int)} if isinstance(told, dict) else {}


def _suspects(messages: Sequence[BaseMessage]) -> list[str]:
    """Return the words that the loop's status calls painted wrong."""
    try:
        told = json.loads(str(messages[0].content)) if messages else {}
    except ValueError:
        return []
    named = told.get("suspects") if isinstance(told, dict) else None
    return [str(word) for word in named] if isinstance(named, list) else []


def _call(name: str, args: dict[str, object], number: int) -> ToolCall:
    return ToolCall(name=name, args=args, id=f"{name}-{number}", type="tool_call")


def _confused(evidence: Evidence) -> frozenset[str]:
    """Return the words whose exchange goes unnoticed, by the pairs shown and by the hypotheses tried."""
    shown = (pair.exchanged for pair in evidence.agreed if pair.exchanged)
    rules = (h.rule for h in evidence.tried if h.rule is not None and h.rule.kind is EditKind.EXCHANGE)
    return frozenset(word for words in shown for word in words) | {word for rule in rules for word in rule.words}
