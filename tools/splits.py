"""Three parts that never share a picture: what is explored, what proves, and what nobody looks at before the end.

The part of a picture follows from its content alone, by a hash: it is the same in every audit, in whatever order the
pictures come and whatever they are called, and a copy under another name lies in the same part. Shares are therefore
met on average, not exactly.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from faultfinder.memory.errors import OptionError


class Part(StrEnum):
    """What a picture is for."""

    EXPLORE = "explore"
    PROVE = "prove"
    HELD_OUT = "held_out"


@dataclass(frozen=True)
class Shares:
    """How large the parts are, each from 0 to 1; together 1."""

    explore: float = 0.4
    prove: float = 0.4
    held_out: float = 0.2

    def __post_init__(self) -> None:
        """Refuse shares that are no parts of a whole."""
        shares = (self.explore, self.prove, self.held_out)
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
            raise OptionError(f"the shares of {', '.join(Part)} are {shares}; they must be parts of 1")


USUAL = Shares()


def part_of(identity: str, shares: Shares = USUAL) -> Part:
    """Return the part that something belongs to.

    Args:
        identity: what must not be parted: a digest of a picture, or the name of a group of pictures.
        shares: what to expect of the parts. Held-out pictures stay so when the other two change.
    """
    drawn = int.from_bytes(hashlib.sha256(f"part of {identity}".encode()).digest()[:8], "big") / 2**64
    if drawn < shares.held_out:
        return Part.HELD_OUT
    return Part.PROVE if drawn < shares.held_out + shares.prove else Part.EXPLORE
