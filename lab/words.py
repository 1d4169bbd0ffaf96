"""The lab's English: every word that its captions use, and what it stands for."""

from faultfinder.lab.meaning import Quantity
from faultfinder.lab.scenes import Background, Colour, Relation, Shape, Size

SINGULAR = {shape.value: shape for shape in Shape}
PLURAL = {("crosses" if shape is Shape.CROSS else shape.value + "s"): shape for shape in Shape}
COLOURS = {colour.value: colour for colour in Colour}
BACKGROUNDS = {background.value: background for background in Background}
SIZES = {"small": Size.SMALL, "little": Size.SMALL, "large": Size.LARGE, "big": Size.LARGE}
QUANTITIES = {quantity.value: quantity for quantity in Quantity} | {"a": Quantity.ONE, "some": Quantity.SEVERAL}

JOINERS: dict[Relation | None, tuple[str, ...]] = {
    None: ("and", "with", "next to", "beside", "near"),
    Relation.LEFT: ("left of", "to the left of"),
    Relation.RIGHT: ("right of", "to the right of"),
    Relation.ABOVE: ("above", "over"),
    Relation.BELOW: ("below", "under"),
}
"""Ways to join two things that are there; each says the relation it is listed under."""

UNDERSTOOD_JOINERS = ("but",)
"""Understood like "and" though never said: what is left of "but no" where "no" is exchanged."""

DENIALS = ("and no", "without a", "but no", "with no")
"""Ways to join a thing that is not there."""

GROUNDS = ("on", "against")
"""Ways to join the background, as in "on a grey background"."""

FRAMES = (
    "{}",
    "a picture of {}",
    "there is {}",
    "{} in the picture",
    "an image of {}",
    "the picture shows {}",
    "a photo of {}",
    "we can see {}",
    "{} can be seen",
)
"""Sentences around the description. "there is" becomes "there are" before a plural."""


def vocabulary() -> list[str]:
    """Every word that a caption can hold, sorted."""
    phrases = [
        *FRAMES,
        *GROUNDS,
        *DENIALS,
        "are background",
        *(joiner for joiners in JOINERS.values() for joiner in joiners),
    ]
    words = {word for phrase in phrases for word in phrase.split() if word != "{}"}
    tables = (SINGULAR, PLURAL, COLOURS, BACKGROUNDS, SIZES, QUANTITIES)
    return sorted(words.union(*tables))
