"""Who looks at pictures, by spec: an encoder, a vision chat model, people; or several, who must agree."""

from collections.abc import Sequence

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Listener
from faultfinder.memory.errors import SpecError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.picture_records import Seen, Sight
from faultfinder.memory.records import AuditSettings
from faultfinder.tools.encoder_eyes import EncoderEyes, ImageTextEncoder
from faultfinder.tools.ports import Look, PictureJudge, Rewriter
from faultfinder.tools.registry import open_encoder

PEOPLE = "people"
"""The spec by which no machine judges, and every picture goes to people."""

DISAGREE = "judges disagree"
"""How the reason of a sight begins where two judges saw different things."""

_CHAT = "openai:"
_LAB_PARSER = "lab:parser"


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


def open_eyes(
    spec: str,
    settings: AuditSettings,
    ledger: Ledger,
    budget: Budget,
    listen: Listener,
    own: PictureJudge | None,
    rewriter: Rewriter,
) -> PictureJudge:
    """Open who looks at pictures.

    Args:
        spec: an image-text encoder's spec, `openai:MODEL`, `people`, `lab:parser`, or several with a + between them.
        settings: of the audit; the chat server's address and the seed.
        ledger: where a chat model's answers are kept.
        budget: what they may cost.
        listen: told of waits and troubles.
        own: the judge of the corpus' own world, where it has one.
        rewriter: rewords texts, to find an encoder's noise where nobody calibrated it.

    Raises:
        SpecError: the spec names nobody who can look at pictures.
    """
    parts = [part.strip() for part in spec.split("+")]
    if not all(parts):
        raise SpecError(f"--judge {spec!r} has an empty part; put one judge on each side of the +")
    judges = [_open_one(part, settings, ledger, budget, listen, own, rewriter) for part in parts]
    return judges[0] if len(judges) == 1 else Panel(judges)


def _open_one(
    spec: str,
    settings: AuditSettings,
    ledger: Ledger,
    budget: Budget,
    listen: Listener,
    own: PictureJudge | None,
    rewriter: Rewriter,
) -> PictureJudge:
    if spec == PEOPLE:
        return PeopleOnly()
    if spec == _LAB_PARSER:
        if own is None:
            raise SpecError(f"--judge {spec} reads pictures of the lab's captions only; use it with --corpus lab")
        return own
    if spec.startswith(_CHAT):
        from faultfinder.agent.chat_model import connect
        from faultfinder.agent.llm_eyes import ChatEyes
        from faultfinder.agent.paid_model import PaidModel

        return ChatEyes(PaidModel(connect(spec, settings.llm_url, settings.seed), ledger, budget, listen))
    encoder = open_encoder(spec)
    if not isinstance(encoder, ImageTextEncoder):
        raise SpecError(
            f"--judge {spec} embeds texts but no pictures; name a CLIP-style model, openai:MODEL for a vision chat "
            "model, or people"
        )
    return EncoderEyes(encoder, rewriter=rewriter)
