"""Prompts of the lab's world with slots to fill: 3 colours by 3 shapes by 3 places, in 18 templates."""

from faultfinder.lab.scenes import Colour, Relation, Shape
from faultfinder.lab.words import FRAMES, JOINERS

OTHERS = ("black star", "purple cross")
"""What stands beside the thing that the slots describe."""

SLOTS: dict[str, tuple[str, ...]] = {
    "colour": (Colour.RED.value, Colour.BLUE.value, Colour.GREEN.value),
    "shape": (Shape.CIRCLE.value, Shape.SQUARE.value, Shape.TRIANGLE.value),
    "place": tuple(JOINERS[relation][0] for relation in (Relation.LEFT, Relation.RIGHT, Relation.ABOVE)),
}
"""For each slot what it can be filled with; no scene fits two fillings of one slot."""

TEMPLATES = tuple(frame.format(f"a {{colour}} {{shape}} {{place}} a {other}") for frame in FRAMES for other in OTHERS)
