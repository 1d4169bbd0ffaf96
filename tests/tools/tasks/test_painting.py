"""Painting filled prompts: right where the picture shows the prompt beside every foil, with all denominators."""

from collections.abc import Sequence

from PIL import Image

from faultfinder.memory.picture_records import Seen, Sight
from faultfinder.memory.records import Outcome
from faultfinder.tools.actions.prompt_slots import PromptSlots
from faultfinder.tools.ports import Look
from faultfinder.tools.tasks.painting import Painted, PaintingTask
from faultfinder.tools.tasks.task import Query

COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 255, 0)}
SLOTS = PromptSlots("test", ("a {colour} disc", "one {colour} disc"), {"colour": tuple(COLOURS)})


class Brush:
    """Paints the colour asked for, but blue as green; refuses green."""

    name = "brush"

    def paint(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Painted]:
        return [self._one(prompt) for prompt in prompts]

    def _one(self, prompt: str) -> Painted:
        if "green" in prompt:
            return Painted(None, refused="no green here")
        return Painted(Image.new("RGB", (4, 4), COLOURS["green" if "blue" in prompt else "red"]))


class Eyes:
    """Sees which of two colours a picture has."""

    name = "eyes"

    def which(self, looks: Sequence[Look]) -> list[Sight]:
        return [Sight(seen=self._seen(look)) for look in looks]

    def _seen(self, look: Look) -> Seen:
        shows = next(name for name, colour in COLOURS.items() if look.image.getpixel((0, 0)) == colour)
        return Seen.FIRST if shows in look.a else Seen.SECOND if shows in look.b else Seen.NEITHER


def test_each_ends_as_what_was_painted():
    task = PaintingTask(Brush(), SLOTS, Eyes(), seed=0, takes=3)
    assert len(task.examples) == 6
    replies = task.ask([Query(1, action) for action in range(3)])
    assert [reply.outcome for reply in replies] == [Outcome.PASS, Outcome.FAIL, Outcome.UNSCORABLE]
    assert [reply.severity for reply in replies] == [0.0, 1.0, None]
    assert replies[1].said == "not the colour asked for"
    assert replies[2].detail == "no green here"
    assert task.shown(Query(1, 1)) == "one blue disc"
    assert task.states([0, 1, 2]).shape == (3, 64)
