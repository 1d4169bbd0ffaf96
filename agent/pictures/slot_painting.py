"""A generator's studio as the painter of prompts with slots: pictures are painted once, paid for once, and kept."""

from collections.abc import Sequence

from faultfinder.agent.pictures.painting import Prompt
from faultfinder.agent.pictures.studio import Studio
from faultfinder.memory.picture_records import Picture
from faultfinder.tools.tasks.painting import Painted


class SlotPainting:
    """Has the filled prompts of one audit painted in its studio."""

    def __init__(self, studio: Studio) -> None:
        """Use a studio's generator, ledger, budget and folder."""
        self.name = studio.name
        self.eyes = studio.eyes
        self.studio = studio

    def paint(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Painted]:
        """Return what came of every prompt, in order.

        Raises:
            BudgetSpent: a limit is reached; what was painted before stays.
            TargetError: the generator fails at everything.
            Waiting: a person has to do something first.
        """
        wanted = [Prompt(text, seed) for text, seed in zip(prompts, seeds, strict=True)]
        found = self.studio.paint(wanted)
        return [self._painted(prompt, found) for prompt in wanted]

    def _painted(self, prompt: Prompt, found: dict[Prompt, Picture]) -> Painted:
        picture = found.get(prompt)
        if picture is None:
            return Painted(None, failed="the generator failed at this prompt")
        if picture.image is None:
            return Painted(None, refused=picture.refused or "the generator refused the prompt")
        image = self.studio.open(picture)
        return Painted(image, failed="" if image else "the picture's file is gone from images/")
