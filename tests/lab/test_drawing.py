"""Pictures for people."""

import numpy as np

from faultfinder.lab.drawing import picture


def test_the_picture_has_the_size_asked_for_and_repeats():
    first, second = (picture("two large red circles above a blue star", size=160) for _ in range(2))
    assert first.size == (160, 160)
    assert np.array_equal(np.asarray(first), np.asarray(second))


def test_the_same_meaning_gives_the_same_picture():
    first = picture("a red circle left of a blue star")
    second = picture("there is a blue star to the right of a red circle")
    assert np.array_equal(np.asarray(first), np.asarray(second))


def test_other_meanings_give_other_pictures():
    texts = [
        "a red circle left of a blue star",
        "a red circle right of a blue star",
        "a red circle above a blue star",
        "a red circle without a blue star",
        "two red circles left of a blue star",
        "many red circles left of a blue star",
        "a small red circle left of a blue star",
        "a red circle left of a blue star on a grey background",
    ]
    assert len({picture(text).tobytes() for text in texts}) == len(texts)


def test_there_is_no_picture_of_what_is_no_caption():
    assert picture("a dog chasing its tail") is None


def test_a_thing_may_be_told_from_an_absent_one_by_size():
    assert picture("a red circle and no large red circle") is not None
