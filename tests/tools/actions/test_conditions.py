"""Conditions of pictures: each does what it says, keeps the size, and leaves a picture alone at its neutral level."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from faultfinder.memory.errors import OptionError
from faultfinder.tools.actions.conditions import CONDITIONS, PictureConditions, condition
from faultfinder.tools.actions.space import Factor

NAMES = tuple(CONDITIONS)


def a_picture(size=(64, 48)) -> Image.Image:
    picture = Image.new("RGB", size, (240, 236, 220))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((8, 8, 30, 30), fill=(200, 40, 40))
    draw.rectangle((36, 16, 58, 40), fill=(40, 80, 200))
    return picture


def values(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=float)


def under(name: str, level: float, dice: int = 1) -> Image.Image:
    conditions = PictureConditions([Factor(name, (level,), "{level}")])
    return conditions.apply(a_picture(), conditions.space.actions[0], dice)


def legibility(conditions: PictureConditions, picture: Image.Image):
    (action,) = conditions.space.actions
    changed = conditions.apply(picture, action, 1)
    return conditions.legibility(picture, changed, action, conditions.original(picture, conditions.moves(action)))


@pytest.mark.parametrize("name", NAMES)
def test_the_neutral_level_changes_nothing_and_every_other_does(name):
    conditions = PictureConditions([condition(name).factor])
    for action in conditions.space.actions:
        changed = conditions.apply(a_picture(), action, 1)
        assert changed.size == a_picture().size
        assert changed.mode == "RGB"
        same = np.array_equal(values(changed), values(a_picture()))
        assert same == (action.index == conditions.space.neutral)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_dice_give_the_same_picture(name):
    worst = condition(name).factor.levels[-1] if name != "jpeg" else 3
    assert np.array_equal(values(under(name, worst)), values(under(name, worst)))


@pytest.mark.parametrize("name", ["occlusion", "noise"])
def test_what_is_left_to_chance_differs_with_the_dice(name):
    assert not np.array_equal(values(under(name, 0.3, 1)), values(under(name, 0.3, 2)))


def test_each_changes_what_its_name_says():
    plain = values(a_picture())
    assert values(under("darkness", 0.5)).mean() == pytest.approx(plain.mean() / 2, abs=1)
    assert values(under("contrast", 0.1)).std() < 0.2 * plain.std()
    assert np.ptp(values(under("saturation", 0.0)), axis=2).max() <= 1
    assert values(under("noise", 0.1)).std() > plain.std()
    assert np.abs(np.diff(values(under("blur", 5)), axis=1)).max() < np.abs(np.diff(plain, axis=1)).max() / 2
    covered = (values(under("occlusion", 0.25)) == 127).all(axis=2).mean()
    assert covered == pytest.approx(0.25, abs=0.02)


def test_it_turns_clockwise_and_zooms_around_the_middle():
    turned = values(under("rotation", 90))
    assert turned[12, 44, 0] > 150 > turned[12, 44, 2]  # the red disc was left of the middle, now it is above
    small = (values(under("scale", 0.5))[:, :, 2] < 100).sum()
    plain = (values(a_picture())[:, :, 2] < 100).sum()
    assert small == pytest.approx(plain / 4, rel=0.2)


def test_what_is_no_condition_or_no_number_is_refused():
    with pytest.raises(OptionError, match="there is no condition 'fog'"):
        PictureConditions([Factor("fog", (1.0,), "{level}")])
    with pytest.raises(OptionError, match="are numbers"):
        PictureConditions([Factor("blur", ("much",), "{level}")])


@pytest.mark.parametrize(
    ("name", "level", "fair"),
    [
        ("rotation", 10, True),
        ("rotation", 170, True),
        ("darkness", 0.3, True),
        ("darkness", 0.005, False),
        ("contrast", 0.001, False),
        ("noise", 0.05, True),
        ("noise", 3.0, False),
        ("blur", 2, True),
        ("blur", 60, False),
        ("occlusion", 0.05, True),
        ("occlusion", 0.99, False),
        ("scale", 1.2, True),
        ("scale", 12, False),
        ("jpeg", 10, True),
        ("saturation", 0.0, True),
    ],
)
def test_a_person_could_still_read_it_or_not(name, level, fair):
    conditions = PictureConditions([Factor(name, (level,), "{level}")])
    seen = legibility(conditions, a_picture())
    assert seen.ok is fair, seen.reason


def test_a_blank_picture_hides_nothing():
    conditions = PictureConditions([Factor("darkness", (0.001,), "{level}")])
    assert legibility(conditions, Image.new("RGB", (20, 20), "white")).ok
