"""Who looks at pictures, by spec: an encoder, a vision chat model, people; or several, who must agree."""

from collections.abc import Sequence

from faultfinder.agent.pictures.eyes_calibration import Looking, calibration_of
from faultfinder.memory.errors import SpecError
from faultfinder.memory.picture_records import Seen, Sight
from faultfinder.tools.encoder_eyes import EncoderEyes, ImageTextEncoder
from faultfinder.tools.ports import Look, PictureJudge
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.rewording import TemplateRewriter

PEOPLE = "people"
"""The spec by which no machine judges, and every picture goes to people."""

TRUTH = "truth"
"""The spec of the judge that knows the truth of the corpus' own world, where it has one."""

DISAGREE = "judges disagree"
"""How the reason of a sight begins where two judges saw different things."""

_CHAT = "openai:"


class PeopleOnly:
    """Judges nothing: every picture is for people to place."""

    name = PEOPLE

    def which(self, looks: Sequence[Look]) -> list[Sight]:
        """Return "cannot tell" for every look."""
        return [Sight(seen=Seen.CANNOT_TELL, reason="left to people") for _ in looks]


class Panel:
    """Several judges, of whom all that can tell must agree."""

    def __init__(self, judges: Sequence[PictureJudge]) -> None:
        """Ask these, in this order."""
        self.name = " + ".join(judge.name for judge in judges)
        self._judges = judges

    def which(self, looks: Sequence[Look]) -> list[Sight]:
        """Return one sight per look, in order; "cannot tell" where two judges that can tell disagree."""
        seen = [judge.which(looks) for judge in self._judges]
        return [self._together(sights) for sights in zip(*seen, strict=True)]

    def _together(self, sights: Sequence[Sight]) -> Sight:
        decided = [(judge.name, sight) for judge, sight in zip(self._judges, sights, strict=True) if _tells(sight)]
        if not decided:
            return sights[0]
        if len({sight.seen for _, sight in decided}) > 1:
            said = ", ".join(f"{name} says {sight.seen}" for name, sight in decided)
            return Sight(seen=Seen.CANNOT_TELL, reason=f"{DISAGREE}: {said}")
        return decided[0][1]


def _tells(sight: Sight) -> bool:
    return sight.seen is not Seen.CANNOT_TELL


def open_eyes(spec: str, looking: Looking) -> PictureJudge:
    """Open who looks at pictures.

    Args:
        spec: an image-text encoder's spec, `openai:MODEL`, `people`, `truth`, or several with a + between them.
        looking: the audit they look for.

    Raises:
        SpecError: the spec names nobody who can look at pictures.
    """
    parts = [part.strip() for part in spec.split("+")]
    if not all(parts):
        raise SpecError(f"--judge {spec!r} has an empty part; put one judge on each side of the +")
    if len(set(parts)) < len(parts):
        raise SpecError(f"--judge {spec!r} names a judge twice; one that agrees with itself proves nothing")
    judges = [_open_one(part, looking) for part in parts]
    return judges[0] if len(judges) == 1 else Panel(judges)


def _open_one(spec: str, looking: Looking) -> PictureJudge:
    world = looking.corpus.world
    if spec == PEOPLE:
        return PeopleOnly()
    if spec == TRUTH:
        if world is None:
            raise SpecError(f"--judge {spec} needs a corpus whose truth is known, such as --corpus lab")
        return world.eyes
    if spec.startswith(_CHAT):
        return _open_chat_model(spec, looking)
    encoder = open_encoder(spec)
    if not isinstance(encoder, ImageTextEncoder):
        raise SpecError(
            f"--judge {spec} embeds texts but no pictures; name a CLIP-style model, openai:MODEL for a vision chat "
            "model, or people"
        )
    rewriter = world.rewriter if world else TemplateRewriter()
    return EncoderEyes(encoder, calibration_of(spec, encoder, looking), rewriter)


def _open_chat_model(spec: str, looking: Looking) -> PictureJudge:
    from faultfinder.agent.llm.chat_model import connect
    from faultfinder.agent.llm.eyes import ChatEyes
    from faultfinder.agent.llm.paid_model import PaidModel

    connection = connect(spec, looking.settings.llm_url, looking.settings.seed)
    return ChatEyes(PaidModel(connection, looking.ledger, looking.budget, looking.listen))
