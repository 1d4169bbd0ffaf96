"""Regions of failure put into words by a chat model. What is tested is the region itself, whatever is said of it."""

from collections.abc import Sequence

from langchain_core.messages import HumanMessage

from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.forms import RegionReply, RegionsReply
from faultfinder.agent.llm.paid_model import PaidModel
from faultfinder.agent.llm.replies import ask
from faultfinder.agent.offline.changed import region_proposal
from faultfinder.agent.strategist import Proposal
from faultfinder.memory.errors import ReplyError
from faultfinder.memory.landscape_records import FailingRegion
from faultfinder.memory.records import Brief
from faultfinder.prompts import render

LONGEST_TITLE, LONGEST = 90, 400


def named_regions(model: PaidModel, brief: Brief, regions: Sequence[FailingRegion]) -> list[Proposal]:
    """Return a proposal per region, in the model's words; in plain ones where it does not find any."""
    plain = [region_proposal(region) for region in regions]
    if not regions:
        return []
    noun = regions[0].region.noun
    prompt = render.regions(goal=render.quoted([brief.goal]), noun=noun, regions=_rows(regions))
    try:
        reply = ask(model, "regions", [HumanMessage(prompt)], RegionsReply)
    except ReplyError as problem:
        model.tell(EventKind.WARNING, f"regions of failure are named in plain words: {problem}")
        return plain
    said = {each.id: each for each in reply.regions}
    return [
        _named(proposal, said[region.id]) if region.id in said else proposal
        for proposal, region in zip(plain, regions, strict=True)
    ]


def _named(plain: Proposal, said: RegionReply) -> Proposal:
    """Put a model's words before the plain ones, which say exactly what is tested."""
    title, description = (" ".join(text.split()) for text in (said.title, said.description))
    return plain.model_copy(
        update={
            "title": title[:LONGEST_TITLE],
            "description": f"{description[:LONGEST].rstrip('.')}. What is tested: {plain.description}",
        }
    )


def _rows(regions: Sequence[FailingRegion]) -> str:
    rows: list[dict[str, str | float]] = [
        {
            "id": each.id,
            "changes": each.words or "any",
            "inputs": ", ".join(each.region.topics) or "all",
            "rate": each.rate,
            "outside": each.outside,
        }
        for each in regions
    ]
    return render.quoted(rows)
