"""What a chat model is asked to reply, as records: the same descriptions the model sees as its schema.

Reading is forgiving about form (a bare list, an unreadable item among good ones, spare fields), never about substance.
"""

from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator

from faultfinder.agent.strategist import Kinship, Step
from faultfinder.memory.records import Record

T = TypeVar("T", bound=Record)


class Reply(Record):
    """Base of all replies: spare fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ListReply(Reply):
    """A reply whose substance is one list, named by its only field."""

    @model_validator(mode="before")
    @classmethod
    def _accept_the_list_itself(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the model said
        (name,) = cls.model_fields
        if isinstance(value, list):
            return {name: value}
        if isinstance(value, dict) and name not in value:
            lists = [item for item in value.values() if isinstance(item, list)]
            return {name: lists[0] if len(lists) == 1 else [value]}
        return value


class BriefReply(Reply):
    """The person's worry, typed."""

    focus: tuple[str, ...] = Field(description="kinds of difference asked about; empty for all")
    domain: tuple[str, ...] = Field(default=(), description="subject words; empty for all")
    modality: Literal["text", "image"] = Field(default="text", description="what the model is given")

    @field_validator("focus", "domain", mode="before")
    @classmethod
    def _split_a_sentence(cls, value: Any) -> Any:  # noqa: ANN401
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value or []


class ProposalReply(Reply):
    """One hypothesis."""

    title: str = Field(min_length=3, description="three to eight plain words")
    description: str = Field(min_length=10, description="one falsifiable sentence")
    noticed: str = Field(default="", description="an equally small change that the model does notice, or empty")
    evidence: tuple[str, ...] = Field(default=(), description="ids of the pairs it rests on")
    known: str = Field(default="", description="id of the known failure it repeats, or empty")

    @field_validator("noticed", "known", mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any) -> Any:  # noqa: ANN401
        return "" if value is None or isinstance(value, list) else value

    only_with: tuple[str, ...] = Field(
        default=(), description="words, one of which every text must hold, where it fails only there; else empty"
    )

    @field_validator("evidence", "only_with", mode="before")
    @classmethod
    def _ids_as_texts(cls, value: Any) -> Any:  # noqa: ANN401
        return [str(item) for item in value] if isinstance(value, list) else []


class HypothesesReply(ListReply):
    """Several hypotheses, the likeliest first."""

    hypotheses: tuple[ProposalReply, ...] = Field(description="the likeliest first")

    @field_validator("hypotheses", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:  # noqa: ANN401
        return readable(value, ProposalReply)


class RegionReply(Reply):
    """One region of failure in words."""

    id: str = Field(description="the region's id")
    title: str = Field(min_length=3, description="three to ten plain words")
    description: str = Field(min_length=10, description="one falsifiable sentence")


class RegionsReply(ListReply):
    """Regions of failure in words."""

    regions: tuple[RegionReply, ...] = Field(description="one for each region")

    @field_validator("regions", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:  # noqa: ANN401
        return readable(value, RegionReply)


class PairReply(Reply):
    """One pair of texts."""

    a: str = Field(min_length=1, description="the sentence")
    change: str = Field(default="", description="what is changed in it")
    b: str = Field(min_length=1, description="the same sentence after the change")

    @model_validator(mode="before")
    @classmethod
    def _accept_two_texts(cls, value: Any) -> Any:  # noqa: ANN401
        texts = list(value.values()) if isinstance(value, dict) else value
        two = isinstance(texts, list) and len(texts) == 2 and all(isinstance(text, str) for text in texts)
        return {"a": texts[0], "b": texts[1]} if two and not _has(value, "a", "b") else value


class PairsReply(ListReply):
    """Pairs for an experiment."""

    pairs: tuple[PairReply, ...] = Field(description="all different")

    @field_validator("pairs", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:  # noqa: ANN401
        return readable(value, PairReply)


class RefinementReply(Reply):
    """What to do with an inconclusive hypothesis."""

    step: Step = Field(description="more, children or drop")
    children: tuple[ProposalReply, ...] = Field(default=(), description="for 'children': one to three; else empty")

    @field_validator("children", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:  # noqa: ANN401
        return readable(value or [], ProposalReply)


class RelationReply(Reply):
    """How a confirmed failure relates to the known ones."""

    kinship: Kinship = Field(description="same, narrower or new")
    failure: str = Field(default="", description="id of the known failure, or empty")

    @field_validator("failure", mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any) -> Any:  # noqa: ANN401
        return "" if value is None else value


class MeaningReply(Reply):
    """Whether the two texts of a pair mean different things."""

    id: str = Field(description="the pair's id")
    reason: str = Field(default="", description="a few words")
    meaning: Literal["different", "same", "unclear"] = Field(description="different, same or unclear")


class MeaningsReply(ListReply):
    """One answer for each pair."""

    answers: tuple[MeaningReply, ...] = Field(description="one for each pair")

    @field_validator("answers", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:  # noqa: ANN401
        return readable(value, MeaningReply)


class WhichReply(Reply):
    """Which of two texts a picture shows."""

    reason: str = Field(default="", description="what is seen, in a few words")
    shows: Literal["first", "second", "neither", "cannot tell"] = Field(description="which text the picture shows")


class RewordingsReply(ListReply):
    """Other ways to say a text."""

    rewordings: tuple[str, ...] = Field(description="texts of exactly the same meaning")


def readable(items: Any, kind: type[T]) -> list[T]:  # noqa: ANN401
    """Return the items that can be read.

    Raises:
        ValueError: there are items, and none of them can be read.
    """
    listed = items if isinstance(items, list | tuple) else [items]
    read, fault = [], ""
    for item in listed:
        try:
            read.append(kind.model_validate(item))
        except ValidationError as error:
            fault = fault or str(error.errors(include_url=False)[0]["msg"])
    if listed and not read:
        raise ValueError(f"no item can be read; the first: {fault}")
    return read


def _has(value: Any, *names: str) -> bool:  # noqa: ANN401
    return isinstance(value, dict) and all(name in value for name in names)
