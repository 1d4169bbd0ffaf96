"""What the tests of the chat strategist speak about: a small corpus and a hypothesis on it."""

from itertools import pairwise

from faultfinder.agent.strategist import DesignRequest
from faultfinder.memory.records import Hypothesis

COLOURS = ("red", "blue", "green", "pink", "brown", "black")
SHAPES = ("circle", "square", "star", "ring", "cross")
CORPUS = [
    f"a {first} {shape} {relation} a {second} {other}"
    for first in COLOURS
    for second in COLOURS
    for shape, other in pairwise(SHAPES)
    for relation in ("left of", "right of", "next to", "above")
]
LEFT_RIGHT = Hypothesis(
    id="h1", title="left and right", description="Sentences in which 'left' becomes 'right' are treated as the same."
)


def wanted(probes=40, controls=40, spent=(), hypothesis=LEFT_RIGHT, batch=0):
    return DesignRequest(hypothesis=hypothesis, probes=probes, controls=controls, batch=batch, spent=frozenset(spent))
