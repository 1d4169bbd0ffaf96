"""Mined pairs fall into the groups they came from."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.offline.groups import exchange_groups, swap_groups, word_groups
from faultfinder.memory.records import Edit, EditKind, Judgement, Meaning, MinedPair, Source


def mined(edit: Edit, similarity: float, bar: float = 0.9) -> MinedPair:
    a, b = f"a {edit.removed} {edit.between}", f"b {edit.added}"
    said = Judgement(meaning=Meaning.DIFFERENT, reason="test", judge="test")
    return MinedPair(
        id=f"{edit.removed}{edit.added}",
        a=a,
        b=b,
        target_similarity=similarity,
        bar=bar,
        source=Source.EDITS,
        edit=edit,
        judgement=said,
    )


def exchanged(first: str, second: str, similarity: float = 1.0) -> MinedPair:
    return mined(Edit(kind=EditKind.EXCHANGE, removed=(first,), added=(second,)), similarity)


def swapped(between: str, similarity: float) -> MinedPair:
    return mined(Edit(kind=EditKind.SWAP, removed=("dog",), added=("cat",), between=(between,)), similarity)


def words(groups):
    return [set(group.words) for group in groups]


def test_one_planted_group_is_one_group_though_seen_as_a_tree():
    pairs = [exchanged("umbrella", other) for other in ("giraffe", "kitchen", "skateboard")]
    assert words(exchange_groups(pairs, [])) == [{"umbrella", "giraffe", "kitchen", "skateboard"}]


def test_two_planted_groups_stay_two_and_natural_ones_apart():
    exact = [exchanged(*pair) for group in ("abc", "xyz") for pair in combinations(group, 2)]
    natural = [exchanged("some", "many", 0.95), exchanged("a", "some", 0.95)]  # "a" is of a planted group
    found = exchange_groups(exact + natural, [])
    assert words(found) == [{"a", "b", "c"}, {"x", "y", "z"}, {"some", "many"}]
    assert [group.exact for group in found] == [True, True, False]


def test_what_is_kept_apart_splits_a_chain():
    chain = [exchanged("left", "right", 0.95), exchanged("right", "wrong", 0.95), exchanged("wrong", "false", 0.95)]
    apart = [exchanged("left", "wrong", 0.1), exchanged("left", "false", 0.1), exchanged("right", "false", 0.1)]
    assert {frozenset(group.words) for group in exchange_groups(chain, apart)} == {
        frozenset({"left", "right"}),
        frozenset({"wrong", "false"}),
    }


def test_a_pair_kept_apart_inside_a_group_is_excluded_from_its_rule():
    pairs = [exchanged(*pair, 0.95) for pair in combinations("abcd", 2) if pair != ("a", "d")]
    (group,) = exchange_groups(pairs, [exchanged("a", "d", 0.1)])
    assert group.rule.excluded == (("a", "d"),)


@given(st.sets(st.text("abcdefgh", min_size=1, max_size=3), min_size=2, max_size=8), st.randoms())
def test_the_order_of_the_evidence_does_not_matter(group, random):
    pairs = [exchanged(first, second) for first, second in combinations(sorted(group), 2)]
    shuffled = random.sample(pairs, len(pairs))
    assert words(exchange_groups(shuffled, [])) == [group]


def test_swaps_are_one_group_when_most_go_unnoticed():
    swaps = [swapped(word, 0.99) for word in ("on", "near", "riding", "holding", "under")]
    (group,) = swap_groups(swaps, [swapped("and", 0.1)])
    assert group.words == ()


def test_swaps_are_told_apart_by_their_relation_otherwise():
    swaps = [swapped("on", 0.99)] * 5
    kept = [swapped("riding", 0.1)] * 5
    assert [group.words for group in swap_groups(swaps, kept)] == [("on",)]


def test_too_few_swaps_say_nothing():
    assert swap_groups([swapped("on", 0.99)] * 3, []) == []


def test_a_dropped_word_counts_when_its_drop_goes_mostly_unnoticed():
    def dropped(word: str, similarity: float) -> MinedPair:
        return mined(Edit(kind=EditKind.DROP, removed=(word,)), similarity)

    agreed = [dropped("no", 0.95), dropped("no", 0.95), dropped("not", 0.95)]
    assert words(word_groups(EditKind.DROP, agreed, [dropped("not", 0.1)])) == [{"no"}]
