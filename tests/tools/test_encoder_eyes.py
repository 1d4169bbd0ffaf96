"""An encoder as judge of pictures: it decides from a calibrated margin only, and says how often it is then right."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.stats import binomtest

from faultfinder.memory.picture_records import Seen
from faultfinder.tools.encoder_eyes import SURE, EncoderEyes, EyesCalibration, calibrate_eyes, margins
from faultfinder.tools.ports import Look, PictureJudge
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.targets.lab import lab_world

BLANK = Image.new("RGB", (8, 8))
SIDES, COLOURS = ("left of", "right of"), ("red", "blue", "green", "pink")
SHAPES = ("circle", "square", "star", "ring", "cross")


class Told:
    """An encoder whose margins are those that it is told: texts are numbers, pictures all the same."""

    name = "told"

    def embed_texts(self, texts):
        angles = np.array([float(text) for text in texts])
        return np.stack([angles, np.sqrt(1 - angles**2)], axis=1).astype(np.float32)

    def embed_images(self, images):
        return np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (len(images), 1))


class TwiceSaid:
    """Rewords a number by numbers a little off."""

    name = "twice said"

    def rewordings(self, text):
        return [str(float(text) + change) for change in (-0.02, 0.01, 0.03)]


def told(margin: float) -> Look:
    return Look(BLANK, repr(margin / 2), repr(-margin / 2))


def calibrated(threshold: float | None) -> EyesCalibration:
    return EyesCalibration(id="told", threshold=threshold, method="as told", looks=0)


fractions = st.floats(-0.9, 0.9).map(lambda x: round(x, 3))
truths = st.sampled_from([Seen.FIRST, Seen.SECOND, Seen.NEITHER])
labelled = st.lists(st.tuples(fractions, truths), max_size=60)


@given(st.lists(fractions, min_size=1, max_size=20))
def test_margins_turn_round_with_the_texts(values):
    looks = [told(value) for value in values]
    turned = [Look(look.image, look.b, look.a) for look in looks]
    np.testing.assert_allclose(margins(Told(), looks), values, atol=1e-6)
    np.testing.assert_allclose(margins(Told(), turned), [-value for value in values], atol=1e-6)


@given(st.lists(fractions, max_size=20), st.floats(0, 1))
def test_it_decides_outside_the_margin_only(values, threshold):
    sights = EncoderEyes(Told(), calibrated(threshold), TwiceSaid()).which([told(value) for value in values])
    assert len(sights) == len(values)
    for value, sight in zip(values, sights, strict=True):
        if abs(value) > threshold + 1e-6:
            assert sight.seen is (Seen.FIRST if value > 0 else Seen.SECOND)
        elif abs(value) < threshold - 1e-6:
            assert sight.seen is Seen.CANNOT_TELL
        assert "margin" in sight.reason


def test_one_that_may_never_decide_never_does():
    (sight,) = EncoderEyes(Told(), calibrated(None), TwiceSaid()).which([told(0.9)])
    assert sight.seen is Seen.CANNOT_TELL


def test_without_a_calibration_the_noise_of_rewordings_is_the_margin():
    sights = EncoderEyes(Told(), None, TwiceSaid()).which([told(0.015), told(0.025), told(-0.03)])
    assert [sight.seen for sight in sights] == [Seen.CANNOT_TELL, Seen.FIRST, Seen.SECOND]


@given(labelled)
def test_a_calibration_keeps_what_it_promises(looks):
    found = calibrate_eyes(Told(), [told(margin) for margin, _ in looks], [seen for _, seen in looks])
    assert found.looks == len(looks)
    if found.threshold is None:
        assert (found.decided, found.right, found.interval, found.measured) == (None, None, None, 0)
        return
    half = (len(looks) + 1) // 2
    chosen = [(m, seen) for m, seen in looks[:half] if abs(m) >= found.threshold - 1e-6]
    hits = sum(seen is (Seen.FIRST if m > 0 else Seen.SECOND) for m, seen in chosen)
    assert binomtest(hits, len(chosen)).proportion_ci(method="wilson").low >= SURE
    assert found.measured == len(looks) - half
    if found.right is not None:
        low, high = found.interval
        assert low <= found.right <= high


@given(labelled)
def test_a_calibration_survives_being_kept(looks):
    found = calibrate_eyes(Told(), [told(margin) for margin, _ in looks], [seen for _, seen in looks], "lab:told")
    assert EyesCalibration.model_validate_json(found.model_dump_json()) == found
    assert found.id == "lab:told"


@pytest.mark.parametrize("truth", [Seen.SECOND, Seen.NEITHER])
def test_one_that_is_never_right_never_decides(truth):
    assert calibrate_eyes(Told(), [told(0.5)] * 200, [truth] * 200).threshold is None


def test_nothing_known_nothing_decided():
    assert calibrate_eyes(Told(), [], []).threshold is None
    found = calibrate_eyes(Told(), [told(0.5)] * 90, [Seen.CANNOT_TELL] * 90)
    assert (found.threshold, found.looks) == (None, 0)


def test_a_few_lucky_answers_are_not_enough():
    assert calibrate_eyes(Told(), [told(0.5)] * 20, [Seen.FIRST] * 20).threshold is None
    assert calibrate_eyes(Told(), [told(0.5)] * 200, [Seen.FIRST] * 200).threshold == pytest.approx(0.5)


def test_the_margin_separates_where_it_is_right_from_where_it_is_not():
    rng = Random(1)
    looks = [rng.choice((-1, 1)) * rng.uniform(0, 0.8) for _ in range(600)]
    truth = [_side(m) if abs(m) > 0.3 or rng.random() < 0.5 else _side(-m) for m in looks]
    found = calibrate_eyes(Told(), [told(m) for m in looks], truth)
    assert 0.15 < found.threshold < 0.3
    assert found.right > 0.85
    assert 0.6 < found.decided < 0.9


def _side(margin: float) -> Seen:
    return Seen.FIRST if margin > 0 else Seen.SECOND


def test_looks_and_truth_belong_together():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        calibrate_eyes(Told(), [told(0.5)], [])


def drawings(change: str, count: int = 40) -> tuple[list[Look], list[Seen]]:
    """Draw pairs of lab captions that differ in a side or in a colour."""
    rng, world = Random(change), lab_world()
    looks, truth = [], []
    for _ in range(count):
        (one, other), (shape, second) = rng.sample(COLOURS, 2), rng.sample(SHAPES, 2)
        a = f"a {one} {shape} left of a green {second}"
        b = a.replace(*SIDES) if change == "side" else f"a {other} {shape} left of a green {second}"
        for text, seen in ((a, Seen.FIRST), (b, Seen.SECOND)):
            looks.append(Look(world.illustrator.picture(text), a, b))
            truth.append(seen)
    return looks, truth


@pytest.fixture(scope="module")
def clear():
    return open_encoder("lab:clip-clear")


def test_a_real_encoder_that_sees_colours_is_let_decide_and_mostly_right(clear):
    looks, truth = drawings("colour", 60)
    found = calibrate_eyes(clear, looks, truth)
    assert found.decided > 0.8
    assert found.interval[0] > 0.85
    eyes = EncoderEyes(clear, found, lab_world().rewriter)
    assert isinstance(eyes, PictureJudge)
    sights = eyes.which(drawings("colour", 20)[0])
    assert {sight.seen for sight in sights} <= set(Seen) - {Seen.NEITHER}, "it knows no 'neither'"
    assert eyes.which([]) == []


def test_a_real_encoder_blind_to_sides_is_not_let_decide():
    looks, truth = drawings("side", 60)
    assert calibrate_eyes(open_encoder("lab:clip"), looks, truth).threshold is None
