"""The map: what was tried where, and where to look next."""

from random import Random

import pytest

from faultfinder.agent.explore.atlas import Atlas
from faultfinder.memory.records import EditKind, Hypothesis, Judgement, Meaning, MinedPair, Rule, Source
from faultfinder.tools.areas import EVERYWHERE
from faultfinder.tools.corpus_map import CorpusMap
from faultfinder.tools.edit_diff import describe_edit
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.survey import Place
from tests.tools.test_corpus_map import KITCHEN, STREET, about

PROVEN = Hypothesis(id="h1", title="", description="", rule=Rule(kind=EditKind.EXCHANGE, words=("red", "blue")))


@pytest.fixture(scope="module")
def axes() -> CorpusMap:
    return CorpusMap([*about(KITCHEN), *about(STREET)], Lexicon.load())


def pair(word: str, other: str, thing: str, number: int, *, agreed: bool) -> MinedPair:
    a, b = f"a {word} {thing} number {number}", f"a {other} {thing} number {number}"
    return MinedPair(
        id=a + b,
        a=a,
        b=b,
        target_similarity=1.0 if agreed else 0.1,
        bar=0.9,
        source=Source.MAP,
        edit=describe_edit(a, b),
        judgement=Judgement(meaning=Meaning.DIFFERENT, reason="", judge="test"),
    )


def area_of(axes: CorpusMap, thing: str) -> str:
    return next(area.name for area in axes.areas if thing in area.words)


def test_tries_fall_into_the_cells_of_their_kind_and_area(axes: CorpusMap) -> None:
    pairs = [pair("red", "blue", "bus", n, agreed=n < 2) for n in range(5)]
    cell = Atlas(axes, pairs, ()).cells[Place("colours", area_of(axes, "bus"))]
    assert (cell.tried, cell.unnoticed, cell.unexplained) == (5, 2, 2)
    assert Atlas(axes, pairs, (PROVEN,)).cells[Place("colours", area_of(axes, "bus"))].unexplained == 0


def test_a_kind_that_fails_here_and_there_is_looked_at_in_every_area_first(axes: CorpusMap) -> None:
    pairs = [pair("red", "blue", "bus", n, agreed=n < 2) for n in range(6)]
    places = Atlas(axes, pairs, ()).next_places(len(axes.areas), Random(0))
    assert {place.kind for place in places} == {"colours"}
    assert {place.area for place in places} == {area.name for area in axes.areas}


def test_what_is_explained_draws_no_further_look(axes: CorpusMap) -> None:
    pairs = [pair("red", "blue", "bus", n, agreed=True) for n in range(200)]
    pairs += [pair("large", "small", "bus", n, agreed=n % 4 == 0) for n in range(200)]
    drawn = [place for seed in range(20) for place in Atlas(axes, pairs, (PROVEN,)).next_places(2, Random(seed))]
    assert sum(place.kind == "sizes" for place in drawn) > sum(place.kind == "colours" for place in drawn)


def test_the_area_scanned_next_is_one_scanned_least_with_the_most_unexplained(axes: CorpusMap) -> None:
    pairs = [pair("red", "blue", "bus", n, agreed=True) for n in range(30)]
    street, kitchen = area_of(axes, "bus"), area_of(axes, "oven")
    atlas = Atlas(axes, pairs, ())
    assert atlas.next_area([]) == street
    assert atlas.next_area([street]) == kitchen


def test_a_corpus_without_subjects_is_one_area() -> None:
    nowhere = CorpusMap(["ein rotes ding", "ein blaues ding", "kein ding"] * 3, Lexicon.load())
    assert Atlas(nowhere, [], ()).next_area([EVERYWHERE]) == EVERYWHERE
    assert {place.area for place in Atlas(nowhere, [], ()).places} == {EVERYWHERE}
    assert len(nowhere.sentences_of(EVERYWHERE) or ()) == 9
    assert nowhere.sentences_of("street") is None


def test_the_same_draw_gives_the_same_places(axes: CorpusMap) -> None:
    atlas = Atlas(axes, [], ())
    assert atlas.next_places(9, Random(4)) == atlas.next_places(9, Random(4))
