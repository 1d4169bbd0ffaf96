"""Pictures of one item each: the lab's 48 classes."""

from collections import Counter
from itertools import islice

import pytest

from faultfinder.lab.portraits import LABELS, MOST, portraits
from faultfinder.lab.reading import read


def test_every_label_is_drawn_as_often_as_the_others():
    assert len(set(LABELS)) == 48
    counts = Counter(portrait.label for portrait in portraits(480, seed=1))
    assert set(counts) == set(LABELS)
    assert set(counts.values()) == {10}


def test_a_label_is_what_the_picture_shows():
    for portrait in portraits(96, seed=2):
        (item,) = portrait.scene.items
        assert portrait.label == f"{item.kind.colour} {item.kind.shape}"
        assert portrait.image.size == (48, 48)
        assert read(portrait.image).scene == portrait.scene


def test_no_two_are_alike_and_a_seed_gives_the_same_everywhere():
    drawn = [portrait.scene for portrait in portraits(2_000, seed=3)]
    assert len(set(drawn)) == 2_000
    assert [portrait.scene for portrait in portraits(500, seed=3)] == drawn[:500]
    assert [portrait.scene for portrait in portraits(500, seed=4)] != drawn[:500]
    assert len(list(islice(portraits(MOST, seed=3), 10))) == 10


def test_more_than_there_are():
    with pytest.raises(ValueError, match="40000 is the most"):
        list(portraits(MOST + 1, seed=0))
