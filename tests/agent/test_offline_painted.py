"""What is read off painted pairs: a kind of difference, a word of it, or only two words, however often tried."""

from collections.abc import Callable
from itertools import combinations

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.tools import StructuredTool

from faultfinder.agent.offline.painted import painted_proposal, words_to_look_at_again, worth_testing
from faultfinder.agent.offline.strategist import OfflineStrategist
from faultfinder.agent.strategist import Evidence
from faultfinder.memory.picture_records import PaintedPair
from faultfinder.memory.records import Brief, Edit, EditKind, Hypothesis, Judgement, Meaning, Outcome, Rule
from faultfinder.tools.corpora import Corpus
from faultfinder.tools.lexicon import Lexicon

COLOURS = ("black", "blue", "green", "red", "white", "yellow")
SIZES = ("large", "small", "big", "little")
LEXICON = Lexicon.load()
TEXTS = tuple(f"a {one} ring left of a {other} cross" for one in COLOURS for other in COLOURS)


@pytest.fixture(scope="module")
def strategist() -> OfflineStrategist:
    return OfflineStrategist(Corpus(name="test", texts=TEXTS, groups=(None,) * len(TEXTS)), LEXICON, 0)


def painted(words: tuple[str, str], number: int, *, wrong: bool) -> PaintedPair:
    first, second = words
    return PaintedPair(
        id=f"{first}-{second}-{number}",
        a=f"a {first} ring {number}",
        b=f"a {second} ring {number}",
        edit=Edit(kind=EditKind.EXCHANGE, removed=(first,), added=(second,)),
        judgement=Judgement(meaning=Meaning.DIFFERENT, reason="test", judge="test"),
        outcome=Outcome.FAIL if wrong else Outcome.PASS,
        reason="test",
    )


def tried(words: tuple[str, ...], fails: Callable[[set[str]], bool], times: int = 2) -> list[PaintedPair]:
    return [painted(pair, number, wrong=fails(set(pair))) for pair in combinations(words, 2) for number in range(times)]


def rules(pairs: list[PaintedPair]) -> list[tuple[tuple[str, ...], set[str]]]:
    found = [painted_proposal(each).rule for each in worth_testing(pairs, LEXICON)]
    assert all(rule is not None for rule in found)
    return [(rule.words, {word for pair in rule.excluded for word in pair}) for rule in found if rule]


def test_a_kind_that_mostly_fails_is_one_rule():
    assert rules(tried(COLOURS, lambda _: True) + tried(SIZES, lambda _: False)) == [(COLOURS, set())]


def test_a_word_that_fails_with_any_other_is_told_from_its_kind():
    [(words, apart)] = rules(tried(COLOURS, lambda pair: "green" in pair))
    assert words == COLOURS
    assert apart == set(COLOURS) - {"green"}, "no other two are exchanged"


def test_its_title_is_about_that_word():
    [found] = worth_testing(tried(COLOURS, lambda pair: "green" in pair), LEXICON)
    assert painted_proposal(found).title == "green among colours is not painted as asked"


@pytest.mark.parametrize("times", [5, 20])
def test_two_words_that_are_one_to_a_painter_are_a_rule_and_blame_no_others_however_often_tried(times: int):
    others = [pair for pair in tried(COLOURS, lambda _: False) if {"red", "green"} != set(pair.id.split("-")[:2])]
    asked = [painted(("red", "green"), number, wrong=True) for number in range(times)]
    assert rules(others + asked) == [(("green", "red"), set())]


def test_a_kind_of_two_sides_that_fails_is_one_rule():
    sides = [pair for pair in combinations(SIZES, 2) if len({"large", "big"} & set(pair)) == 1]
    pairs = [painted(words, number, wrong=True) for words in sides for number in range(3)]
    assert rules(pairs) == [(tuple(sorted(SIZES)), set())]


def test_words_never_exchanged_for_each_other_are_not_said_to_fail():
    pairs = [each for each in tried(COLOURS, lambda _: True) if "green" in each.id.split("-")[:2]]
    [(words, apart)] = rules(pairs)
    assert (words, apart) == (COLOURS, set(COLOURS) - {"green"})


def test_two_words_that_failed_once_are_looked_at_again_and_no_rule():
    pairs = tried(COLOURS, lambda pair: pair == {"red", "green"}, times=1)
    assert rules(pairs) == []
    assert words_to_look_at_again(pairs) == {"red", "green"}


def test_what_the_goal_is_about_comes_first():
    pairs = tried(COLOURS, lambda pair: len(pair & {"red", "green", "blue"}) > 0) + tried(SIZES, lambda _: True)
    first = [worth_testing(pairs, LEXICON, focus)[0].name for focus in ((), ("colours",), ("sizes",))]
    assert first == ["sizes", "colours", "sizes"]


def hypothesis(words: tuple[str, ...]) -> Hypothesis:
    return Hypothesis(id="h1", title="t", description="d", rule=Rule(kind=EditKind.EXCHANGE, words=words))


def proposed(strategist: OfflineStrategist, pairs: list[PaintedPair], *, proven: bool) -> list[str]:
    evidence = Evidence(
        agreed=(),
        noticed=(),
        painted=tuple(pairs),
        tried=(hypothesis(COLOURS),),
        proven=("h1",) if proven else (),
    )
    return [idea.title for idea in strategist.hypothesize(Brief(goal="g"), evidence, 8)]


def test_a_word_of_a_kind_that_was_refuted_may_be_proposed_of_one_that_is_proven_not(strategist):
    pairs = tried(COLOURS, lambda pair: "green" in pair)
    assert proposed(strategist, pairs, proven=False) == ["green among colours is not painted as asked"]
    assert proposed(strategist, pairs, proven=True) == []
    assert proposed(strategist, tried(COLOURS, lambda _: True), proven=False) == [], "that was tried"


def test_words_of_one_kind_that_the_goal_names_are_painted_first(strategist):
    scan = StructuredTool.from_function(lambda: "", name="scan_prompts", description="scan")
    for goal, focus in (("does it tell red from green?", ["red", "green"]), ("does it see red?", list(COLOURS))):
        [call] = strategist.explore(strategist.brief(goal), [HumanMessage('{"round": 0}')], [scan]).tool_calls
        assert sorted(call["args"]["focus"]) == sorted(focus)
