"""Three parts that never share a picture."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import OptionError
from faultfinder.tools.splits import Part, Shares, part_of


def test_the_shares_are_met_on_average():
    counts = Counter(part_of(f"picture {number}") for number in range(10_000))
    assert counts[Part.EXPLORE] == pytest.approx(4_000, abs=200)
    assert counts[Part.PROVE] == pytest.approx(4_000, abs=200)
    assert counts[Part.HELD_OUT] == pytest.approx(2_000, abs=200)


def test_a_part_is_the_same_in_every_process():
    assert [part_of(name).value for name in "abcdef"] == [
        "prove",
        "explore",
        "prove",
        "prove",
        "explore",
        "held_out",
    ]


@given(st.text(), st.floats(0, 0.8))
def test_held_out_stays_so_when_the_other_shares_change(identity, prove):
    shares = Shares(explore=0.8 - prove, prove=prove, held_out=0.2)
    assert (part_of(identity, shares) is Part.HELD_OUT) == (part_of(identity) is Part.HELD_OUT)


@given(st.text())
def test_a_part_of_everything_is_everything(identity):
    assert part_of(identity, Shares(0, 1, 0)) is Part.PROVE


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (1.2, -0.2, 0), (0, 0, 0)])
def test_shares_are_parts_of_one(shares):
    with pytest.raises(OptionError, match="must be parts of 1"):
        Shares(*shares)
