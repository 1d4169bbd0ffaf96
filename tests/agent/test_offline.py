"""The offline strategist: what it proposes, which inputs it writes, how it refines and remembers."""

from random import Random

import pytest
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import StructuredTool

from faultfinder.agent.offline.strategist import OfflineStrategist
from faultfinder.agent.strategist import DesignRequest, Evidence, Kinship
from faultfinder.memory.records import (
    Brief,
    Edit,
    EditKind,
    Failure,
    Hypothesis,
    Judgement,
    Meaning,
    MinedPair,
    Rule,
    Source,
)
from faultfinder.tools.corpora import Corpus
from faultfinder.tools.edit_diff import describe_edit
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.meaning import LexiconJudge

ANIMALS = ["dog", "cat", "horse", "cow", "elephant", "bird"]
COLOURS = ["red", "blue", "green", "white", "black"]
DOINGS = ["chasing", "kissing", "kicking", "carrying"]
PLACES = ["garden", "street", "kitchen", "field"]


def sentences(count: int) -> tuple[str, ...]:
    rng = Random(7)
    made: dict[str, None] = {}
    while len(made) < count:
        one, other = rng.sample(ANIMALS, 2)
        made[
            f"a {rng.choice(COLOURS)} {one} is {rng.choice(DOINGS)} the {rng.choice(COLOURS)} {other} in "
            f"{rng.choice(['the', 'a'])} {rng.choice(PLACES)}"
        ] = None
    return tuple(made)


TEXTS = sentences(600)


@pytest.fixture(scope="module")
def strategist() -> OfflineStrategist:
    return OfflineStrategist(Corpus(name="test", texts=TEXTS, groups=(None,) * len(TEXTS)), Lexicon.load(), 0)


def mined(first: str, second: str, similarity: float = 1.0) -> MinedPair:
    return MinedPair(
        id=f"m-{first}-{second}",
        a=f"a {first} is here",
        b=f"a {second} is here",
        target_similarity=similarity,
        bar=0.9,
        source=Source.EDITS,
        edit=Edit(kind=EditKind.EXCHANGE, removed=(first,), added=(second,)),
        judgement=Judgement(meaning=Meaning.DIFFERENT, reason="test", judge="test"),
    )


def hypothesis(rule: Rule, title: str = "animals are confused") -> Hypothesis:
    return Hypothesis(id="h1", title=title, description="Animals are confused.", rule=rule)


def request(rule: Rule, batch: int = 0, spent: frozenset[str] = frozenset()) -> DesignRequest:
    return DesignRequest(hypothesis=hypothesis(rule), probes=40, controls=40, batch=batch, spent=spent)


ANIMAL_RULE = Rule(kind=EditKind.EXCHANGE, words=("cat", "dog", "elephant"))
RULES = [
    ANIMAL_RULE,
    Rule(kind=EditKind.EXCHANGE, words=("black", "red", "white")),
    Rule(kind=EditKind.SWAP, words=()),
    Rule(kind=EditKind.SWAP, words=("kicking",)),
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_no_text_is_used_twice_and_none_that_is_spent(strategist, rule):
    spent = frozenset(TEXTS[::3])
    design = strategist.design(request(rule, spent=spent))
    texts = [text for pair in (*design.probes, *design.controls) for text in (pair.a, pair.b)]
    assert len(texts) == len(set(texts))
    assert not spent & set(texts)
    assert len(design.probes) >= 40 <= len(design.controls)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_probes_make_the_rules_edit_and_controls_another(strategist, rule):
    design = strategist.design(request(rule))
    for pair in design.probes:
        edit = describe_edit(pair.a, pair.b)
        assert edit is not None
        assert edit.kind is rule.kind
        if rule.kind is EditKind.EXCHANGE:
            assert {*edit.removed, *edit.added} <= set(rule.words)
        else:
            assert not rule.words or set(rule.words) & set(edit.between)
    for pair in design.controls:
        edit = describe_edit(pair.a, pair.b)
        assert edit is not None
        assert edit.kind is EditKind.EXCHANGE
        assert not {*edit.removed, *edit.added} & set(rule.words)
        assert not rule.words or set(rule.words) & set(pair.a.split())


def test_most_probes_hold_before_the_lexicon(strategist):
    design = strategist.design(request(ANIMAL_RULE))
    for pairs in (design.probes, design.controls):
        said = LexiconJudge(Lexicon.load()).judge(pairs)
        assert sum(judgement.meaning is Meaning.DIFFERENT for judgement in said) >= 40


def test_probes_spread_over_the_words(strategist):
    design = strategist.design(request(ANIMAL_RULE))
    sources = [describe_edit(pair.a, pair.b).removed[0] for pair in design.probes]
    assert max(map(sources.count, ANIMAL_RULE.words)) <= 2 * min(map(sources.count, ANIMAL_RULE.words))


def test_excluded_pairs_are_left_alone(strategist):
    rule = Rule(kind=EditKind.EXCHANGE, words=("cat", "dog", "elephant"), excluded=(("cat", "dog"),))
    edits = [describe_edit(pair.a, pair.b) for pair in strategist.design(request(rule)).probes]
    assert not any({*edit.removed, *edit.added} == {"cat", "dog"} for edit in edits)


def test_another_batch_brings_other_cases_and_the_same_batch_the_same(strategist):
    first, again, other = (strategist.design(request(ANIMAL_RULE, batch)) for batch in (0, 0, 1))
    assert first == again
    assert set(first.probes) != set(other.probes)


def test_a_corpus_short_of_a_words_sentences_fills_others(strategist):
    spent = frozenset(text for text in TEXTS if {"cat", "dog"} & set(text.split()))
    design = strategist.design(request(Rule(kind=EditKind.EXCHANGE, words=("cat", "dog")), spent=spent))
    assert len(design.probes) >= 40


def test_a_planted_group_becomes_one_hypothesis_that_names_its_words(strategist):
    evidence = Evidence(agreed=(mined("umbrella", "giraffe"), mined("giraffe", "kitchen")))
    (idea,) = strategist.hypothesize(Brief(goal=""), evidence, 8)
    assert idea.rule.words == ("giraffe", "kitchen", "umbrella")
    assert all(word in idea.description for word in idea.rule.words)


def test_what_was_tried_is_not_proposed_again(strategist):
    agreed = (mined("cat", "dog"), mined("dog", "elephant"))
    assert strategist.hypothesize(Brief(goal=""), Evidence(agreed=agreed, tried=(hypothesis(ANIMAL_RULE),)), 8) == []


def test_a_known_failure_is_tested_again_first(strategist):
    idea = strategist.hypothesize(Brief(goal=""), Evidence(agreed=(mined("red", "blue"),), known=(known(),)), 8)[0]
    assert (idea.known, idea.rule) == ("f1", ANIMAL_RULE)


def test_a_known_failure_of_words_the_corpus_lacks_is_left_out(strategist):
    strange = known().model_copy(update={"rule": Rule(kind=EditKind.EXCHANGE, words=("quark", "lepton"))})
    assert strategist.hypothesize(Brief(goal=""), Evidence(agreed=(), known=(strange,)), 8) == []


def known() -> Failure:
    return Failure(
        id="f1",
        target="x",
        title="animals are confused",
        description="They are.",
        rule=ANIMAL_RULE,
        rate=1.0,
        interval=(0.9, 1.0),
        control_rate=0.0,
        p_value=1e-9,
        audits=("a",),
    )


@pytest.mark.parametrize(
    ("rule", "kinship"),
    [
        (ANIMAL_RULE, Kinship.SAME),
        (Rule(kind=EditKind.EXCHANGE, words=("dog",)), Kinship.NARROWER),
        (Rule(kind=EditKind.EXCHANGE, words=("blue", "red")), Kinship.NEW),
        (Rule(kind=EditKind.SWAP, words=()), Kinship.NEW),
    ],
)
def test_a_confirmed_failure_is_placed_beside_the_known(strategist, rule, kinship):
    assert strategist.relate(hypothesis(rule, "another title"), [known()]).kinship is kinship


def tool(name: str) -> StructuredTool:
    return StructuredTool.from_function(lambda: "", name=name, description=name)


TOOLS = [tool("scan_edits"), tool("find_agreements"), tool("recall_failures")]


def names(message):
    return [call["name"] for call in message.tool_calls]


def test_the_first_round_scans_then_searches_then_recalls(strategist):
    move = strategist.explore(Brief(goal="g"), [HumanMessage('{"round": 0, "dry": 0, "unexplained": 0}')], TOOLS)
    assert names(move) == ["scan_edits", "find_agreements", "recall_failures"]


def test_a_later_round_scans_elsewhere(strategist):
    move = strategist.explore(Brief(goal="g"), [HumanMessage('{"round": 1, "dry": 0, "unexplained": 0}')], TOOLS)
    assert [(call["name"], call["args"]["round"]) for call in move.tool_calls] == [("scan_edits", 1)]


@pytest.mark.parametrize(
    "messages",
    [
        [HumanMessage('{"round": 0}'), ToolMessage("{}", tool_call_id="1")],
        [HumanMessage('{"round": 1, "unexplained": 12}')],
        [HumanMessage('{"round": 99, "unexplained": 0}')],
    ],
)
def test_it_says_when_it_has_seen_enough(strategist, messages):
    assert strategist.explore(Brief(goal="g"), messages, TOOLS).tool_calls == []


@pytest.mark.parametrize(
    ("goal", "topic"),
    [
        ("does it notice left and right?", "places"),
        ("can it count? numbers of things", "numbers"),
        ("negation is ignored, I fear", "negation"),
        ("who does what to whom, roles", "order"),
        ("it mixes up colours", "colours"),
    ],
)
def test_a_goal_is_read_into_topics(strategist, goal, topic):
    brief = strategist.brief(goal)
    assert brief.goal == goal
    assert topic in brief.focus


def test_a_goal_that_names_nothing_asks_for_everything(strategist):
    brief = strategist.brief("what does this sentence encoder not notice?")
    assert (brief.focus, brief.domain) == ((), ())


def test_a_goal_about_a_subject_stays_near_it(strategist):
    assert "horse" in strategist.brief("pictures of a horse").domain
