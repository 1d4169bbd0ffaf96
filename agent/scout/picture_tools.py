"""The scout's tool for pictures: have prompts painted while exploring. What it shows is a hint, never a result."""

from pydantic import Field

from faultfinder.agent.context import AuditContext
from faultfinder.agent.measuring import painted_outcomes
from faultfinder.agent.pictures.painting import Prompt
from faultfinder.agent.pictures.studio import Studio
from faultfinder.memory.errors import ToolError
from faultfinder.memory.records import Case, Judgement, Meaning, Outcome, Record, Role, TextPair
from faultfinder.tools.edit_trials import pair_id

_LONGEST = 1000
_BY = "the scout"


class PaintedPicture(Record):
    """One picture as the scout is told of it."""

    prompt: str
    image: str | None = Field(description="its name in images/; null where none was painted")
    shows: str = Field(description="which of the two prompts the judge sees in it, and why; empty for a single prompt")
    refused: str = Field(description="the generator's words, where it would not paint")


class PaintedPictures(Record):
    """The result of painting one prompt or two."""

    pictures: tuple[PaintedPicture, ...]
    outcome: Outcome | None = Field(description="of the two as a pair; null for a single prompt")


class PictureTools:
    """Paints on request."""

    def __init__(self, context: AuditContext, studio: Studio) -> None:
        """Bind the tool to an audit and its generator."""
        self._context = context
        self._studio = studio

    def generate_images(self, a: str, b: str = "") -> str:
        """Have a prompt painted, or two with the same seed, and learn what the judge of pictures sees in them.

        With two prompts of different meaning the judge says of each picture which of the two it shows: first, second,
        neither or cannot tell. Use it to try an idea before proposing it; each picture counts against the budget.
        """
        texts = [text for text in (a, b) if text.strip()]
        if not texts or any(len(text) > _LONGEST for text in texts) or a == b:
            raise ToolError(f"give one prompt, or two that differ, of at most {_LONGEST} characters")
        shown = self._pair(a, b) if len(texts) == 2 else self._single(texts[0])
        self._context.ledger.save([], spent=texts)
        return shown.model_dump_json()

    def _single(self, text: str) -> PaintedPictures:
        prompt = Prompt(text, self._studio.seed_of(TextPair(a=text, b="")))
        picture = self._studio.paint([prompt]).get(prompt)
        if picture is None:
            raise ToolError("the generator failed at that prompt")
        told = PaintedPicture(prompt=text, image=picture.image, shows="", refused=picture.refused)
        return PaintedPictures(pictures=(told,), outcome=None)

    def _pair(self, a: str, b: str) -> PaintedPictures:
        judgement = Judgement(meaning=Meaning.UNDECIDED, reason="tried while exploring", judge=_BY)
        case = Case(id=pair_id(a, b), hypothesis=_BY, role=Role.PROBE, a=a, b=b, judgement=judgement)
        outcome = painted_outcomes(self._studio, [case])[0].outcome
        exhibit = self._studio.exhibit([case]).get(case.id)
        if exhibit is None:
            raise ToolError("the generator failed at one of the prompts")
        return PaintedPictures(
            pictures=tuple(
                PaintedPicture(
                    prompt=picture.prompt,
                    image=picture.image,
                    shows=f"{sight.seen} ({sight.reason})" if (sight := exhibit.sights.get(side)) else "",
                    refused=picture.refused,
                )
                for side, picture in exhibit.pictures.items()
            ),
            outcome=outcome,
        )
