"""From what is seen in a pair's two pictures to the pair's outcome: the downstream rule of the published user study.

A pair fails when at least one picture shows the other text or neither. It passes when both show their own. Otherwise
nothing is proven either way, and it is unscorable.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from faultfinder.memory.picture_records import Seen, Side, Sight
from faultfinder.memory.records import Outcome

REFUSED = "the generator refused"
"""How the reason begins where a prompt was not painted because the generator would not."""


@dataclass(frozen=True)
class Showing:
    """The outcome of a pair of pictures, and why."""

    outcome: Outcome
    reason: str


def outcome_of(sights: Mapping[Side, Sight], refusal: str = "") -> Showing:
    """Decide a pair from what is seen in its pictures.

    Args:
        sights: what the picture of each prompt shows; a missing one was not painted or is gone.
        refusal: the generator's words, where it would not paint one of the prompts.
    """
    if refusal:
        return Showing(Outcome.UNSCORABLE, f"{REFUSED}: {refusal}"[:500])
    wrong = [_wrong(side, sight) for side, sight in sights.items() if is_wrong(side, sight)]
    if wrong:
        return Showing(Outcome.FAIL, "; ".join(wrong)[:500])
    if len(sights) < len(Side):
        return Showing(Outcome.UNSCORABLE, "a picture is missing")
    unsure = [sight.reason for sight in sights.values() if sight.seen is Seen.CANNOT_TELL]
    if unsure:
        return Showing(Outcome.UNSCORABLE, f"cannot tell what a picture shows ({unsure[0] or 'no reason given'})"[:500])
    return Showing(Outcome.PASS, "each picture shows its own prompt")


def is_wrong(side: Side, sight: Sight) -> bool:
    """Tell whether a picture shows the other prompt or neither."""
    return sight.seen not in (side.meant, Seen.CANNOT_TELL)


def _wrong(side: Side, sight: Sight) -> str:
    ordinal = "first" if side is Side.A else "second"
    shown = "neither prompt" if sight.seen is Seen.NEITHER else "the other prompt"
    return f"the {ordinal} picture shows {shown}" + (f" ({sight.reason})" if sight.reason else "")
