"""The lab's corpora."""

from collections import defaultdict

import pytest

from faultfinder.lab.corpus import captions
from faultfinder.lab.language import parse_caption
from faultfinder.lab.meaning import Quantity
from faultfinder.lab.scenes import Background, Colour, Relation, Shape, Size


@pytest.mark.parametrize("style", ["precise", "web"])
def test_captions_are_unique_understood_and_repeatable(style):
    corpus = captions(7, 1_000, style)
    assert len(corpus) == len({caption.text for caption in corpus}) == 1_000
    assert all(parse_caption(caption.text) for caption in corpus)
    assert captions(7, 1_000, style) == corpus
    assert captions(8, 1_000, style) != corpus


def test_precise_captions_of_a_scene_mean_the_same():
    groups = defaultdict(set)
    for caption in captions(0, 1_000):
        groups[caption.group].add(parse_caption(caption.text))
    assert all(len(meanings) == 1 for meanings in groups.values())


def test_web_captions_of_a_scene_contradict_each_other_in_what_they_are_unreliable_about():
    groups = defaultdict(list)
    for caption in captions(0, 1_000, "web"):
        groups[caption.group].append(parse_caption(caption.text))
    pairs = [pair for pair in groups.values() if len(pair) == 2]
    assert sum(first.excludes(second) for first, second in pairs) > len(pairs) / 4
    for first, second in pairs:
        mentioned = [{*(thing.sort for thing in said.things), said.absent} - {None} for said in (first, second)]
        assert mentioned[0] == mentioned[1]


def test_the_corpus_speaks_of_everything():
    meanings = [parse_caption(caption.text) for caption in captions(0, 2_000)]
    things = [thing for meaning in meanings for thing in meaning.things]
    assert {thing.sort.shape for thing in things} == set(Shape)
    assert {thing.sort.colour for thing in things} == set(Colour)
    assert {thing.sort.size for thing in things} == {None, *Size}
    assert {thing.quantity for thing in things} >= set(Quantity) - {Quantity.SEVERAL}
    assert {meaning.background for meaning in meanings} == {None, *Background}
    assert {meaning.relation for meaning in meanings} == {None, Relation.LEFT, Relation.ABOVE}
    assert sum(meaning.absent is not None for meaning in meanings) > 200
    assert sum(meaning.relation is not None for meaning in meanings) > 500
