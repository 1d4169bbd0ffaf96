"""What the lab teaches: captions that are true of their pictures, and streams that nothing else draws from."""

from itertools import islice

import numpy as np
import pytest
from PIL import Image

from faultfinder.lab import lessons
from faultfinder.lab.corpus import captions as corpus_captions
from faultfinder.lab.language import compare
from faultfinder.lab.looking import which
from faultfinder.lab.measure import draw_cases
from faultfinder.lab.reading import read


@pytest.mark.parametrize("attribute", lessons.ATTRIBUTES)
def test_each_caption_is_true_of_its_own_picture_and_not_of_the_others(attribute: str) -> None:
    drawn = list(islice(lessons.pairs(attribute, 4), 20))
    assert {compare(pair.caption, pair.edited) for pair in drawn} == {"different"}
    for side, own, other in ((0, "first", "second"), (1, "second", "first")):
        texts = [(pair.caption, pair.edited) for pair in drawn]
        shown = [which(read(lessons.draw(both[side], "dice")), *both) for both in texts]
        assert other not in shown
        assert shown.count(own) >= 18, "a reader cannot tell two groups that an edit made alike"


def test_a_seed_draws_the_same_and_another_seed_others() -> None:
    one, again, other = (list(islice(lessons.captions(seed), 50)) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    text = one[0]
    assert np.array_equal(lessons.draw(text, "a"), lessons.draw(text, "a"))
    assert any(not np.array_equal(lessons.draw(text, "a"), lessons.draw(text, dice)) for dice in "bcd")


def test_nothing_else_draws_the_same() -> None:
    taught = list(islice(lessons.captions(0), 300))
    measured = [case.caption for attribute in lessons.ATTRIBUTES for case in draw_cases(attribute, 20, 0)]
    assert taught[:20] != [caption.text for caption in corpus_captions(0, 20)]
    assert not set(taught) & set(measured)


def test_a_quiz_shows_one_thing_and_says_what_it_is() -> None:
    for shown in islice(lessons.quiz(3), 20):
        assert shown.caption in lessons.quiz_labels()
        scene = read(shown.picture).scene
        (kind,) = scene.counts()
        assert shown.caption == f"a {kind.colour} {kind.shape}"


def test_what_is_no_caption_cannot_be_drawn() -> None:
    assert not lessons.can_be_drawn("stock prices fell")
    with pytest.raises(ValueError, match="no caption of the lab's world"):
        lessons.draw("stock prices fell", "dice")
    assert isinstance(lessons.draw("a red circle", "dice"), Image.Image)
