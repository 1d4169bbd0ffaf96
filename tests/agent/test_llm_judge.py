"""The chat model as judge and rewriter: both orders must agree, and what is not answered is undecided."""

import pytest

from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.meaning import BATCH, ChatJudge, ChatRewriter
from faultfinder.memory.errors import ReplyError
from faultfinder.memory.records import Meaning, TextPair
from tests.support import mind
from tests.support.server import ChatServer

DIFFERENT = TextPair(a="a star left of a ring", b="a star right of a ring")
SAME = TextPair(a="a big dog", b="a large dog")


def numbered(pair, number):
    return TextPair(a=f"{pair.a} {number}", b=f"{pair.b} {number}")


def test_each_pair_is_judged_in_both_orders(paid):
    pairs = [pair for n in range(BATCH) for pair in (numbered(DIFFERENT, n), numbered(SAME, n))]
    with ChatServer() as server:
        judgements = ChatJudge(paid(server.url)).judge(pairs)
    assert [judgement.meaning for judgement in judgements] == [Meaning.DIFFERENT, Meaning.SAME] * BATCH
    assert {judgement.judge for judgement in judgements} == {"chat model"}
    assert len(server.requests) == 2 * 2


def test_an_answer_that_depends_on_the_order_is_none(paid):
    def first_seen_wins(prompt, wanted):
        (row,) = mind.data_blocks(prompt)[0]
        return {"answers": [{"id": row["id"], "reason": "", "meaning": "different" if "left" in row["a"] else "same"}]}

    with ChatServer(mind=first_seen_wins) as server:
        (judgement,) = ChatJudge(paid(server.url)).judge([DIFFERENT])
    assert judgement.meaning is Meaning.UNDECIDED
    assert "the other" in judgement.reason


def test_a_pair_left_out_is_undecided(paid):
    def forgets_the_first(prompt, wanted):
        return {"answers": mind.meanings(prompt)["answers"][1:]}

    with ChatServer(mind=forgets_the_first) as server:
        judgements = ChatJudge(paid(server.url)).judge([DIFFERENT, DIFFERENT, SAME])
    assert [j.meaning for j in judgements] == [Meaning.UNDECIDED, Meaning.DIFFERENT, Meaning.SAME]


def test_a_judge_out_of_form_decides_nothing(paid, heard):
    with ChatServer(mind=lambda *_: {"answers": "yes"}) as server:
        judgements = ChatJudge(paid(server.url)).judge([DIFFERENT, SAME])
    assert {judgement.meaning for judgement in judgements} == {Meaning.UNDECIDED}
    assert heard.of(EventKind.WARNING)


def test_no_pairs_no_call(paid):
    with ChatServer() as server:
        assert ChatJudge(paid(server.url)).judge([]) == []
    assert not server.requests


def test_rewordings_are_others(paid):
    with ChatServer() as server:
        said = ChatRewriter(paid(server.url)).rewordings("a red star")
    assert "a photo of a red star" in said
    assert "a red star" not in said


def test_a_text_said_again_is_no_rewording(paid):
    with (
        ChatServer(mind=lambda *_: {"rewordings": ["a star "]}) as server,
        pytest.raises(ReplyError, match="no rewording"),
    ):
        ChatRewriter(paid(server.url)).rewordings("a star")
