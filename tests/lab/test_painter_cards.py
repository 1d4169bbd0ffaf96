"""The painters' cards: what a tower does not see is painted wrong, what it sees mostly right, and who can tell."""

import pytest

from faultfinder.lab.measure import draw_cases
from faultfinder.lab.measure_t2i import measure_parser, paint_pairs
from faultfinder.lab.painter_truth import painter_table, read_painter_card
from faultfinder.lab.plants import PLANTS
from faultfinder.lab.t2i import load_painter
from faultfinder.lab.truth import card_path, read_card

CARDS = {name: read_painter_card(card_path(name)) for name in ("t2i", "t2i-clear", *(f"t2i/{name}" for name in PLANTS))}


def test_what_the_tower_is_blind_to_is_painted_wrong() -> None:
    blind = {truth.attribute for truth in read_card(card_path("clip")).attributes if truth.sight == "blind"}
    assert blind == set(CARDS["t2i"].weak)
    assert {"colour", "shape", "size", "background"} <= set(CARDS["t2i"].faithful)


def test_the_clear_tower_is_painted_from_faithfully() -> None:
    assert {"colour", "shape", "size", "background", "absence"} <= set(CARDS["t2i-clear"].faithful)


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_tower_passes_its_blindness_on(plant: str) -> None:
    planted, clear = CARDS[f"t2i/{plant}"].of(plant), CARDS["t2i-clear"].of(plant)
    assert CARDS[f"t2i/{plant}"].tower == f"planted/{plant}"
    assert planted.failing.low >= 0.5
    assert planted.failing.value > clear.failing.value


def test_the_parser_is_exact_on_rendered_scenes_and_good_on_painted_ones() -> None:
    parser = CARDS["t2i"].parser
    assert parser is not None
    assert parser.rendered.value == 1
    assert parser.painted.low > 0.5, "sixteen cells, all of them as planned"
    assert parser.sights.low > 0.8


def test_judges_are_measured_and_the_correction_helps_where_they_are_biased() -> None:
    judges = CARDS["t2i"].judges
    assert {judge.judge for judge in judges} == {"lab:clip", "lab:clip-clear"}
    for judge in judges:
        assert judge.pictures >= 500
        assert judge.right.n > 0
    biased = [judge for judge in judges if abs(judge.raw_rate - judge.true_rate) > 0.05]
    assert biased
    for judge in biased:
        assert judge.corrected_rate is not None
        assert abs(judge.corrected_rate - judge.true_rate) < abs(judge.raw_rate - judge.true_rate)


def test_the_card_is_what_the_painter_does() -> None:
    painter = load_painter("t2i")
    for attribute in ("left-right", "background"):
        card = CARDS["t2i"].of(attribute).failing
        seen = [pair.fails for pair in paint_pairs(painter, draw_cases(attribute, 12, 5), 5)]
        rate = sum(map(bool, seen)) / len(seen)
        assert card.low - 0.35 <= rate <= card.high + 0.35
    parser = measure_parser(painter, 10, 3)
    assert parser.rendered.value == 1
    assert parser.painted.value >= 0.4


def test_cards_are_shown_as_a_table() -> None:
    shown = painter_table([CARDS["t2i"], CARDS["t2i-clear"]]).splitlines()
    assert shown[0] == "|  | t2i | t2i-clear |"
    row = next(line for line in shown if line.startswith("| left-right |"))
    assert "**" in row
