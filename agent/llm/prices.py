"""What OpenAI's chat models cost, so that a budget in dollars can be kept.

List prices in US dollars per million tokens, as published in August 2025; prices change, so a person can set their own
with FAULTFINDER_PRICE_IN and FAULTFINDER_PRICE_OUT. Cached or batched tokens are counted at the full price.
"""

import os
import re

from pydantic import Field

from faultfinder.memory.errors import SpecError
from faultfinder.memory.records import Record

AS_OF = "August 2025"
PRICE_IN, PRICE_OUT = "FAULTFINDER_PRICE_IN", "FAULTFINDER_PRICE_OUT"
_DATE = re.compile(r"-20\d\d-\d\d-\d\d$")


class Price(Record):
    """US dollars per million tokens."""

    read: float = Field(ge=0, description="for tokens sent")
    written: float = Field(ge=0, description="for tokens answered")

    def of(self, tokens_read: int, tokens_written: int) -> float:
        """Return what a call costs in US dollars."""
        return (tokens_read * self.read + tokens_written * self.written) / 1_000_000


LIST_PRICES = {
    "gpt-4o": Price(read=2.50, written=10.00),
    "gpt-4o-mini": Price(read=0.15, written=0.60),
    "gpt-4.1": Price(read=2.00, written=8.00),
    "gpt-4.1-mini": Price(read=0.40, written=1.60),
    "gpt-4.1-nano": Price(read=0.10, written=0.40),
    "gpt-5": Price(read=1.25, written=10.00),
    "gpt-5-mini": Price(read=0.25, written=2.00),
    "gpt-5-nano": Price(read=0.05, written=0.40),
    "o3": Price(read=2.00, written=8.00),
    "o4-mini": Price(read=1.10, written=4.40),
}


def price_of(model: str, own_server: bool) -> Price | None:
    """Return the price a person has set, else the list price of OpenAI's own service, else None.

    Raises:
        SpecError: a price in the environment is no number, or only one of the two is set.
    """
    said = os.environ.get(PRICE_IN), os.environ.get(PRICE_OUT)
    if any(said):
        return _price_as_said(*said)
    return None if own_server else LIST_PRICES.get(_DATE.sub("", model))


def _price_as_said(read: str | None, written: str | None) -> Price:
    try:
        return Price(read=float(read or ""), written=float(written or ""))
    except ValueError as error:
        raise SpecError(
            f"{PRICE_IN}={read!r} and {PRICE_OUT}={written!r} are no prices; set both, in US dollars per million tokens"
        ) from error
