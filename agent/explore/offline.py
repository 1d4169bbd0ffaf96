"""The offline strategist of an audit that explores: goes where the map says, and proposes regions of it too."""

import json
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langchain_core.tools import BaseTool

from faultfinder.agent.explore.exploring import MapStatus
from faultfinder.agent.explore.regions import Regions, propose
from faultfinder.agent.offline.refining import is_within
from faultfinder.agent.offline.strategist import OfflineStrategist
from faultfinder.agent.restricting import is_alike
from faultfinder.agent.strategist import Evidence, Proposal
from faultfinder.memory.records import Brief, Hypothesis
from faultfinder.tools.corpora import Corpus
from faultfinder.tools.corpus_map import CorpusMap
from faultfinder.tools.lexicon import Lexicon

EACH = 8
"""Edits tried in every cell that the map suggests to look at again."""


class ExploringStrategist(OfflineStrategist):
    """The offline strategist with a map."""

    def __init__(self, corpus: Corpus, axes: CorpusMap, lexicon: Lexicon, seed: int) -> None:
        """Keep the corpus and its map.

        Args:
            corpus: where words and sentences come from.
            axes: kinds of difference and subject areas.
            lexicon: names groups of words and sorts out synonyms.
            seed: fixes the choice of sentences.
        """
        super().__init__(corpus, lexicon, seed)
        self._axes = axes

    def explore(self, brief: Brief, messages: Sequence[BaseMessage], tools: Sequence[BaseTool]) -> AIMessage:
        """Look at the whole corpus first, then where the map says; not at all while likely hypotheses wait."""
        offered = {tool.name for tool in tools}
        status = _map_of(messages)
        if "survey_map" not in offered or status is None:
            return super().explore(brief, messages, tools)
        if any(isinstance(message, ToolMessage) for message in messages) or status.waiting:
            return AIMessage("Seen enough: on to hypotheses.")
        if not status.looks:
            first = super().explore(brief, messages, tools)
            return AIMessage("", tool_calls=[*first.tool_calls, _call("survey_map", {"look": 0}, 0)])
        calls = [
            _call("survey_map", {"cells": list(status.next_cells), "each": EACH, "look": status.looks}, status.looks)
        ]
        scan = {"area": status.next_area, "look": status.looks}
        return AIMessage("", tool_calls=[*calls, _call("scan_area", scan, status.looks)])

    def hypothesize(self, brief: Brief, evidence: Evidence, most: int) -> list[Proposal]:
        """Propose the regions of the map in which edits go unnoticed, and what one pass would; the loop chooses."""
        proven = [h for h in evidence.tried if h.id in evidence.proven]
        tried = list(evidence.tried)
        chosen: list[Proposal] = []
        regions = Regions(self._axes.kinds, self._lexicon).find(evidence.surveyed, proven, evidence.looks)
        charted = [propose(region, self._lexicon) for region in regions]
        for idea in [*charted, *super().hypothesize(brief, evidence, most)]:
            if not _was_tried(idea, tried, proven) and not any(_says(idea, other) for other in chosen):
                chosen.append(idea)
        return chosen


def _was_tried(idea: Proposal, tried: Sequence[Hypothesis], proven: Sequence[Hypothesis]) -> bool:
    """Tell whether a proposal says what was tried already, or a part of what is proven."""
    if any(_says(idea, other) for other in tried if other.rule is not None):
        return True
    return any(
        idea.rule and other.rule and is_within(idea.rule, other.rule) and (not other.within or _overlap(idea, other))
        for other in proven
    )


def _says(idea: Proposal, other: Proposal | Hypothesis) -> bool:
    """Tell whether two say the same: mostly the same words, within the same texts."""
    if idea.rule is None or other.rule is None or not is_within(idea.rule, other.rule):
        return False
    return is_alike(idea.within, other.within) or _overlap(idea, other)


def _overlap(idea: Proposal, other: Proposal | Hypothesis) -> bool:
    """Tell whether most of what a proposal is restricted to is what another is restricted to."""
    if not idea.within or not other.within:
        return not other.within and not idea.within
    ours, theirs = ({phrase for group in each.within for phrase in group} for each in (idea, other))
    return 2 * len(ours & theirs) >= len(ours)


def _map_of(messages: Sequence[BaseMessage]) -> MapStatus | None:
    """Return what the loop's status says of the map; None where it says nothing."""
    try:
        told = json.loads(str(messages[0].content)) if messages else {}
    except ValueError:
        return None
    found = told.get("map") if isinstance(told, dict) else None
    return MapStatus.model_validate(found) if found else None


def _call(name: str, args: dict[str, object], number: int) -> ToolCall:
    return ToolCall(name=name, args=args, id=f"{name}-{number}", type="tool_call")
