"""Keeping an audit's estimate current: said before the first step, and again whenever verdicts have come in."""

from faultfinder.agent.context import AuditContext
from faultfinder.agent.events import Event, EventKind, Listener
from faultfinder.agent.landscape.mapping import MOST_GREEDY
from faultfinder.agent.llm.calls import CHARACTERS_PER_TOKEN
from faultfinder.agent.llm.naming import CHAT, chat_name, is_chat_model
from faultfinder.agent.llm.prices import Price, price_of
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.running.estimate import OFFLINE, Answering, Bill, Usage, earlier_audits, expect, what_money_holds
from faultfinder.memory.records import AuditSettings, Verdict
from faultfinder.tools.targets.instructions import written
from faultfinder.tools.tasks.texts import TextTask

ANSWER = (20, 200)
"""Tokens of an answer to a text, about."""


class Forecaster:
    """Passes events on, and estimates between them."""

    def __init__(self, context: AuditContext, listen: Listener) -> None:
        """Read what earlier audits took."""
        self._context = context
        self._listen = listen
        self._bill = bill_of(context)
        self._earlier: list[Usage] = earlier_audits(context.folder.parent, context.folder.name)
        self._judged = -1

    def begin(self) -> None:
        """Say the first estimate, and what a limit in dollars can hold."""
        self._estimate()
        if trouble := what_money_holds(self._context.settings.limits, self._bill):
            self._listen(Event(kind=EventKind.WARNING, text=trouble))

    def __call__(self, event: Event) -> None:
        """Pass an event on; a new step is a time to estimate anew."""
        self._listen(event)
        if event.kind is EventKind.STAGE and self._pays():
            self._estimate()

    def _pays(self) -> bool:
        return self._bill.asks or self._bill.paints

    def _estimate(self) -> None:
        ledger, settings = self._context.ledger, self._context.settings
        judged = len({verdict.hypothesis for verdict in ledger.all(Verdict)})
        if judged == self._judged:
            return
        self._judged = judged
        spent = self._context.budget.spend()
        expected = expect(settings, spent, judged, self._earlier, self._bill)
        text = f"expected cost in all: {expected}"
        self._listen(Event(kind=EventKind.ESTIMATE, text=text, spend=spent, expected=expected))


def bill_of(context: AuditContext) -> Bill:
    """Return what an audit pays for, and at what prices."""
    settings = context.settings
    own = context.terrain.studio if context.terrain else None
    studios = [studio for studio in (context.subject, context.downstream, own) if isinstance(studio, Studio)]
    prices = [studio.picture_price for studio in studios]
    unknown = any(price is None for price in prices)
    looks = bool(studios) and _who_looks(settings)
    return Bill(
        chat=_chat_price(settings, looks=looks),
        asks=settings.llm != OFFLINE or looks or is_chat_model(settings.target),
        looks=looks,
        paints=bool(studios),
        picture=None if unknown else max((price for price in prices if price is not None), default=0.0),
        answering=_answering(context),
    )


def _answering(context: AuditContext) -> Answering | None:
    """Return what a chat model under audit is asked while its landscape is explored; None where it is none."""
    settings, terrain = context.settings, context.terrain
    if terrain is None or not isinstance(terrain.task, TextTask) or not is_chat_model(settings.target):
        return None
    task = terrain.task
    lengths = [len(str(task.original(number))) for number in range(len(task.examples))]
    read = (sum(lengths) / len(lengths) + len(written(settings.instruction))) / CHARACTERS_PER_TOKEN
    calls = task.preparation + settings.queries
    return Answering(
        calls=(calls / 2, calls + 2 * min(MOST_GREEDY, len(terrain.held_out))),
        tokens=(read + ANSWER[0], read + ANSWER[1]),
    )


def _who_looks(settings: AuditSettings) -> bool:
    """Tell whether a chat model looks at the pictures."""
    return CHAT in (settings.eyes or (settings.llm if settings.corpus != "lab" else ""))


def _chat_price(settings: AuditSettings, *, looks: bool) -> Price | None:
    """Return the dearest price of the chat models asked; None where one is not known."""
    eyes = [part for part in (settings.eyes or "").split("+") if part.startswith(CHAT)] if looks else []
    models = [*([settings.llm] if settings.llm != OFFLINE else []), *eyes]
    prices = [price_of(model.removeprefix(CHAT), own_server=settings.llm_url is not None) for model in models]
    if is_chat_model(settings.target):
        audited = chat_name(settings.target)
        prices.append(price_of(audited.model, own_server=audited.url is not None))
    if not prices or any(price is None for price in prices):
        return None
    known = [price for price in prices if price is not None]
    return Price(read=max(price.read for price in known), written=max(price.written for price in known))
