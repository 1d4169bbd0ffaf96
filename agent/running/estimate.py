"""What an audit will probably cost, said before anything is spent and again as its own figures come in.

An estimate is a range and says what it rests on: this audit's own hypotheses so far, else earlier audits in the same
folder, else what audits typically took. It holds nobody to anything; the limits do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from faultfinder.agent.events import Expected
from faultfinder.agent.folder.names import DATABASE
from faultfinder.agent.llm.prices import Price
from faultfinder.agent.report.rewriting import ledger_of, settings_of
from faultfinder.memory.errors import FaultfinderError
from faultfinder.memory.records import AuditSettings, Limits, Record, Spend

OFFLINE = "offline"
TYPICAL_CALLS, TYPICAL_TOKENS = (6.0, 30.0), (10_000.0, 60_000.0)
"""Per hypothesis. Measured with 20 cases an arm: 7 calls and 12,400 tokens where the lab's truth judges the cases, 15
and 21,400 where the chat model does; the range leaves room for 40 cases an arm and for models that need repairs."""

TYPICAL_HYPOTHESES = (3, 30)
TYPICAL_WRITTEN = (0.1, 0.35)
"""Share of an audit's tokens that the model writes, which cost more than those it reads."""

LOOKS_A_PICTURE, TOKENS_A_LOOK = 2, 1_200
"""A chat model looks at each picture in both orders of the two texts."""

ENOUGH = 3
"""Hypotheses of its own, or earlier audits, on which a range is narrow."""

MOST_EARLIER = 20
_NARROW, _WIDE = (0.7, 1.5), (0.5, 2.0)
_NONE = (0.0, 0.0)

Range = tuple[float, float]


class Usage(Record):
    """What one audit took."""

    made_with: str = Field(description="what decides its costs: chat model, generators, judges of pictures")
    spent: Spend = Field(description="what it spent")


@dataclass(frozen=True)
class Rates:
    """What one hypothesis takes, as ranges."""

    calls: Range
    tokens: Range
    images: Range
    basis: str
    usd: Range | None = None


@dataclass(frozen=True)
class Answering:
    """What a chat model under audit is asked before the first hypothesis is tested, and how long a call is."""

    calls: Range
    tokens: Range
    """Of one call."""

    @property
    def all_tokens(self) -> Range:
        """Tokens of all of these calls."""
        return self.calls[0] * self.tokens[0], self.calls[1] * self.tokens[1]


@dataclass(frozen=True)
class Bill:
    """What an audit pays for: tokens of a chat model and pictures, at what price. None: the price is not known."""

    chat: Price | None = None
    asks: bool = False
    """Whether a chat model is asked at all."""
    looks: bool = False
    """Whether a chat model looks at the pictures."""
    paints: bool = False
    picture: float | None = 0.0
    answering: Answering | None = None
    """Where the target is a chat model itself."""


def earlier_audits(out: Path, own: str) -> list[Usage]:
    """Return what other audits in a folder took, the latest first; those that cannot be read are left out."""
    places = (path for path in out.glob(f"*/{DATABASE}") if path.parent.name != own)
    latest = sorted(places, key=lambda path: path.stat().st_mtime, reverse=True)[:MOST_EARLIER]
    return [usage for path in latest if (usage := _usage(path.parent))]


def made_with(settings: AuditSettings) -> str:
    """Return what decides an audit's costs, so that earlier ones can be compared."""
    return f"{settings.llm} {settings.target} {settings.downstream} {settings.eyes}"


def expect(settings: AuditSettings, spent: Spend, judged: int, earlier: Sequence[Usage], bill: Bill) -> Expected:
    """Return what an audit will have cost by its end.

    Args:
        settings: what is to be done.
        spent: what has been spent so far.
        judged: hypotheses that have a verdict.
        earlier: what other audits took.
        bill: what is paid for.
    """
    alike = [usage for usage in earlier if usage.made_with == made_with(settings) and usage.spent.hypotheses]
    hypotheses = _hypotheses(settings.limits, spent, judged, alike)
    rates = _rates(settings, spent, judged, earlier, bill)
    left = (max(0, hypotheses[0] - judged), max(0, hypotheses[1] - judged))
    limits = settings.limits
    asked = bill.answering
    calls = _total(spent.llm_calls, left, rates.calls, limits.llm_calls, asked.calls if asked else _NONE)
    tokens = _total(spent.tokens, left, rates.tokens, limits.tokens, asked.all_tokens if asked else _NONE)
    images = _total(spent.images, left, rates.images, limits.images)
    return Expected(
        hypotheses=hypotheses,
        llm_calls=_whole(calls),
        tokens=_whole(tokens),
        images=_whole(images),
        usd=_usd(spent, left, tokens, images, rates, bill, limits.usd),
        basis=rates.basis,
    )


def what_money_holds(limits: Limits, bill: Bill) -> str | None:
    """Say what a limit in dollars can and cannot hold where a price is unknown; None where all is well."""
    unknown = ["calls of the chat model"] if bill.asks and bill.chat is None else []
    unknown += ["pictures"] if bill.paints and bill.picture is None else []
    if limits.usd is None or not unknown:
        return None
    known = ["calls"] if bill.asks and bill.chat else ["pictures"] if bill.paints and bill.picture else []
    holds = f"it can hold for {known[0]} only" if known else "it cannot hold"
    instead = "--max-llm-calls, --max-tokens and --max-images hold whatever the price"
    return f"--max-usd {limits.usd:g}: the price of {' and '.join(unknown)} is unknown, so {holds}; {instead}"


def _usage(folder: Path) -> Usage | None:
    try:
        with ledger_of(folder) as ledger:
            settings, spent = settings_of(ledger, folder), ledger.spend()
    except FaultfinderError:
        return None  # an estimate can do without it; `faultfinder audits` says what is wrong with it
    return Usage(made_with=made_with(settings), spent=spent)


def _hypotheses(limits: Limits, spent: Spend, judged: int, alike: Sequence[Usage]) -> tuple[int, int]:
    tested = [usage.spent.hypotheses for usage in alike] or list(TYPICAL_HYPOTHESES)
    low, high = min(tested), max(tested)
    if limits.hypotheses is not None:
        low, high = min(low, limits.hypotheses), limits.hypotheses
    return max(low, spent.hypotheses, judged), max(high, spent.hypotheses, judged)


def _rates(settings: AuditSettings, spent: Spend, judged: int, earlier: Sequence[Usage], bill: Bill) -> Rates:
    """Return what a hypothesis takes by the best figures there are."""
    paying = [usage for usage in earlier if usage.spent.hypotheses and usage.spent.llm_calls + usage.spent.images]
    same = [usage for usage in paying if usage.made_with == made_with(settings)]
    other = [usage for usage in paying if usage.spent.llm_calls and not usage.spent.images]
    if bill.answering:
        return _answered(settings, bill, bill.answering)
    if judged >= ENOUGH:
        return _measured([spent.model_copy(update={"hypotheses": judged})], _NARROW, f"as its first {judged} took")
    if same:
        width = _NARROW if len(same) >= ENOUGH else _WIDE
        return _measured([usage.spent for usage in same], width, f"as in {_audits(len(same))} like it")
    if other and bill.asks and not bill.paints:
        return _measured(
            [usage.spent for usage in other], _WIDE, f"as in {_audits(len(other))} of another kind", usd=False
        )
    return _typical(settings, bill)


def _audits(number: int) -> str:
    return f"{number} earlier audit{'' if number == 1 else 's'}"


def _typical(settings: AuditSettings, bill: Bill) -> Rates:
    """Return what audits typically took, where there is nothing better."""
    pictures = 2.0 * (settings.probes + settings.controls)
    images = (0.5 * pictures, 1.5 * pictures) if bill.paints else (0.0, 0.0)
    thinks = settings.llm != OFFLINE
    calls, tokens = (TYPICAL_CALLS, TYPICAL_TOKENS) if thinks else ((0.0, 0.0), (0.0, 0.0))
    looks = LOOKS_A_PICTURE if bill.looks else 0
    return Rates(
        calls=(calls[0] + looks * images[0], calls[1] + looks * images[1]),
        tokens=(tokens[0] + looks * TOKENS_A_LOOK * images[0], tokens[1] + looks * TOKENS_A_LOOK * images[1]),
        images=images,
        basis="typical figures, none of its own yet",
    )


def _answered(settings: AuditSettings, bill: Bill, asked: Answering) -> Rates:
    """Return what a hypothesis takes of a chat model under audit: a call for each case, in one to three batches."""
    usual, cases = _typical(settings, bill), settings.probes + settings.controls
    return Rates(
        calls=(usual.calls[0] + cases, usual.calls[1] + 3 * cases),
        tokens=(usual.tokens[0] + cases * asked.tokens[0], usual.tokens[1] + 3 * cases * asked.tokens[1]),
        images=usual.images,
        basis="by the number and the length of the texts",
    )


def _measured(spends: Sequence[Spend], width: Range, basis: str, *, usd: bool = True) -> Rates:
    paid = [spend.usd / spend.hypotheses for spend in spends if spend.usd]
    return Rates(
        calls=_spread((spend.llm_calls / spend.hypotheses for spend in spends), width),
        tokens=_spread((spend.tokens / spend.hypotheses for spend in spends), width),
        images=_spread((spend.images / spend.hypotheses for spend in spends), width),
        basis=basis,
        usd=_spread(paid, width) if usd and len(paid) == len(spends) else None,
    )


def _spread(values: Iterable[float], width: Range) -> Range:
    known = list(values)
    return min(known) * width[0], max(known) * width[1]


def _total(spent: float, left: tuple[int, int], rate: Range, cap: float | None, before: Range = _NONE) -> Range:
    """Return what will have been spent; `before` is spent whatever becomes of hypotheses."""
    low, high = max(spent, before[0]) + left[0] * rate[0], max(spent, before[1]) + left[1] * rate[1]
    return (low, high) if cap is None else (min(low, max(cap, spent)), min(high, max(cap, spent)))


def _whole(values: Range) -> tuple[int, int]:
    return round(values[0]), round(values[1])


def _usd(
    spent: Spend,
    left: tuple[int, int],
    tokens: Range,
    images: Range,
    rates: Rates,
    bill: Bill,
    cap: float | None,
) -> Range | None:
    if (bill.asks and bill.chat is None) or (bill.paints and bill.picture is None):
        return None
    if rates.usd is not None:
        low, high = _total(spent.usd, left, rates.usd, cap)
        return round(low, 4), round(high, 4)
    more = (tokens[0] - spent.tokens, tokens[1] - spent.tokens)
    painted = (images[0] - spent.images, images[1] - spent.images)
    mixed = [_mixed(bill.chat, written) if bill.chat else 0.0 for written in TYPICAL_WRITTEN]
    low, high = (spent.usd + more[i] * mixed[i] + painted[i] * (bill.picture or 0.0) for i in (0, 1))
    return (low, high) if cap is None else (min(low, max(cap, spent.usd)), min(high, max(cap, spent.usd)))


def _mixed(price: Price, written: float) -> float:
    """Return the dollars for one token where a share of them is written."""
    return price.of(1_000_000, 0) * (1 - written) / 1e6 + price.of(0, 1_000_000) * written / 1e6
