"""The lab behind the ports."""

import pytest

from faultfinder.memory.errors import SpecError
from faultfinder.memory.records import Meaning, TextPair
from faultfinder.tools.ports import Illustrator, Judge, Rewriter
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.targets.lab import lab_captions, lab_world

LEFT, RIGHT, TURNED = (
    "a red circle left of a blue square",
    "a red circle right of a blue square",
    "a blue square right of a red circle",
)


@pytest.mark.parametrize("name", ["oracle", "clip", "planted/left-right"])
def test_the_labs_encoders_keep_the_contract(name, check_encoder):
    encoder = open_encoder(f"lab:{name}")
    assert encoder.name == f"lab:{name}"
    check_encoder(encoder)


def test_an_unknown_encoder_lists_the_known_ones():
    with pytest.raises(SpecError, match="lab:clip, lab:clip-clear, lab:planted/"):
        open_encoder("lab:planted/nothing")


def test_the_world_judges_by_meaning():
    judge = lab_world().judge
    assert isinstance(judge, Judge)
    pairs = [TextPair(a=LEFT, b=b) for b in (RIGHT, TURNED, "a red circle", "stock prices fell")]
    found = judge.judge(pairs)
    assert [judgement.meaning for judgement in found] == [
        Meaning.DIFFERENT,
        Meaning.SAME,
        Meaning.UNDECIDED,
        Meaning.UNDECIDED,
    ]
    assert {judgement.judge for judgement in found} == {"lab truth"}


def test_the_world_rewords_without_changing_the_meaning():
    world = lab_world()
    assert isinstance(world.rewriter, Rewriter)
    rewordings = world.rewriter.rewordings(LEFT)
    assert rewordings
    assert LEFT not in rewordings
    judged = world.judge.judge([TextPair(a=LEFT, b=other) for other in rewordings])
    assert {judgement.meaning for judgement in judged} == {Meaning.SAME}
    assert world.rewriter.rewordings("stock prices fell")


def test_the_world_draws_what_a_caption_says_and_nothing_else():
    illustrator = lab_world().illustrator
    assert isinstance(illustrator, Illustrator)
    left, right = illustrator.picture(LEFT), illustrator.picture(RIGHT)
    assert left is not None
    assert right is not None
    assert left.tobytes() != right.tobytes()
    assert illustrator.picture("stock prices fell") is None


def test_captions_are_the_same_for_the_same_seed():
    captions = lab_captions(3)
    assert captions == lab_captions(3)
    assert captions != lab_captions(4)
    assert len({caption.text for caption in captions}) == len(captions) > 1000
    assert len({caption.group for caption in captions}) < len(captions)
