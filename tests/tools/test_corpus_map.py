"""The map's axes, and surveying its cells."""

import pytest

from faultfinder.memory.records import Edit, EditKind
from faultfinder.tools.areas import EVERYWHERE, areas_of, find_areas
from faultfinder.tools.calibration import Agreement
from faultfinder.tools.corpus_map import CorpusMap
from faultfinder.tools.edit_trials import EditTrials
from faultfinder.tools.edits import Sentence
from faultfinder.tools.embedding import CachedEncoder
from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.kinds import ADDED, LEFT_OUT, OTHER, SWAPPED
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.meaning import LexiconJudge
from faultfinder.tools.rewording import TemplateRewriter
from faultfinder.tools.slots import Slots
from faultfinder.tools.survey import Errand, Place, Survey, is_for_exploring
from tests.support.encoders import sentences

KITCHEN = ("stove", "oven", "refrigerator", "teapot", "pan", "kettle", "spoon", "cupboard")
STREET = ("bus", "truck", "taxi", "bicycle", "sidewalk", "crosswalk", "hydrant", "tram")


def about(things: tuple[str, ...]) -> list[str]:
    """Write sentences about pairs of some things."""
    return [
        f"a {colour} {a} stands beside the {size} {b}"
        for colour in ("red", "blue", "green")
        for size in ("large", "small")
        for a in things
        for b in things
        if a != b
    ]


@pytest.fixture(scope="module")
def axes() -> CorpusMap:
    return CorpusMap([*about(KITCHEN), *about(STREET)], Lexicon.load())


def test_things_spoken_of_together_are_one_area(axes: CorpusMap) -> None:
    assert {frozenset(area.words) for area in axes.areas} == {frozenset(KITCHEN), frozenset(STREET)}


def test_a_text_is_in_the_areas_whose_nouns_it_holds(axes: CorpusMap) -> None:
    assert areas_of(axes.areas, Sentence("the bus stands still")) == tuple(
        a.name for a in axes.areas if "bus" in a.words
    )
    assert areas_of(axes.areas, Sentence("nothing of the kind")) == (EVERYWHERE,)


def test_few_nouns_are_an_area_each_with_their_plural() -> None:
    slots = Slots([f"{colour} {noun} here" for colour in "abcdefghij" for noun in ("dog", "dogs", "kettle")])
    assert {frozenset(a.words) for a in find_areas(slots, Lexicon.load())} == {
        frozenset({"dog", "dogs"}),
        frozenset({"kettle"}),
    }


def test_kinds_are_the_lexicons_classes_and_groups_of_other_words(axes: CorpusMap) -> None:
    names = {kind.name for kind in axes.kinds.all}
    assert {"colours", "sizes", SWAPPED, LEFT_OUT, ADDED} <= names
    assert axes.kinds.of(Edit(kind=EditKind.EXCHANGE, removed=("red",), added=("blue",))) == "colours"
    assert axes.kinds.of(Edit(kind=EditKind.SWAP, removed=("bus",), added=("tram",))) == SWAPPED
    assert axes.kinds.of(Edit(kind=EditKind.EXCHANGE, removed=("red",), added=("unheard",))) == OTHER
    assert axes.kinds.of(None) == OTHER


def test_the_same_corpus_gives_the_same_map(axes: CorpusMap) -> None:
    again = CorpusMap(axes.texts, Lexicon.load())
    assert again.areas == axes.areas
    assert again.kinds.all == axes.kinds.all


def test_a_survey_tries_edits_of_the_cell_in_texts_of_the_exploring_half(axes: CorpusMap) -> None:
    encoder = CachedEncoder(HashEncoder(), "hash")
    trials = EditTrials(encoder, Agreement(encoder, TemplateRewriter()), LexiconJudge(Lexicon.load()))
    survey = Survey(axes.slots, axes.kinds, axes.areas, trials, seed=0)
    street = next(area for area in axes.areas if "bus" in area.words)
    pairs = survey.run([Errand(Place("colours", street.name), 6)], number=0)
    assert len(pairs) == 6
    for pair in pairs:
        assert axes.kinds.of(pair.edit) == "colours"
        assert street.holds(Sentence(pair.a))
        assert is_for_exploring(pair.a)
    assert survey.run([Errand(Place("colours", street.name), 6)], number=0) == pairs
    assert survey.run([Errand(Place("colours", street.name), 6)], number=1) != pairs
    assert survey.run([Errand(Place("no such kind", street.name), 6)], number=0) == []


def test_about_half_of_a_corpus_is_kept_for_tests() -> None:
    kept = sum(not is_for_exploring(text) for text in sentences(1000))
    assert 400 < kept < 600
