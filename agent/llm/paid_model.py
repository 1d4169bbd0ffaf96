"""A chat model whose every answer is paid for once: kept in the ledger, inside the budget, retried in the open.

It knows the ledger, the budget and the listener; what is asked and what the answer means is its callers' business.
"""

import os
import threading
import time
from collections import defaultdict

from langchain_core.messages import AIMessage
from pydantic import Field
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import Event, EventKind, Listener, silent
from faultfinder.agent.llm.calls import CHARACTERS_PER_TOKEN, Call, Form, words_of
from faultfinder.agent.llm.chat_model import CALL_ERRORS, LIMIT, LONGEST_REPLY, STREAM, Connection, Trouble, understand
from faultfinder.agent.llm.pace import Pace
from faultfinder.agent.llm.prices import PRICE_IN, PRICE_OUT
from faultfinder.agent.llm.turnstile import Turnstile
from faultfinder.memory.errors import ModelCallError, RequestRefused, SpecError
from faultfinder.memory.ledger import CallRecord, Ledger
from faultfinder.memory.records import Record, Spend

TRIES = "FAULTFINDER_LLM_TRIES"
_OPTIONAL = {
    "temperature": ("temperature",),
    "seed": ("seed",),
    STREAM: (STREAM,),
    LIMIT: (LIMIT, "in the completion"),
}
"""What may be left out of a request that a server refuses for it, with the words by which it does."""

_SLICE = 0.2
"""Seconds slept at a time while waiting, so that a person who asks to stop is heard."""


class Patience(Record):
    """How long to insist on an answer."""

    tries: int = Field(default=6, ge=1, description="tries of one call, the first included")
    first_wait: float = Field(default=1.0, description="seconds before the second try, doubled each time")
    longest_wait: float = Field(default=60.0, description="seconds between two tries, at most, unless the server asks")
    longest_asked: float = Field(default=600.0, description="seconds; a server that asks for more is given up on")


def usual_patience() -> Patience:
    """Return how long to insist, with as many tries as FAULTFINDER_LLM_TRIES says.

    Raises:
        SpecError: it is no number of tries.
    """
    said = os.environ.get(TRIES)
    if not said:
        return Patience()
    try:
        return Patience(tries=int(said))
    except ValueError as error:
        raise SpecError(f"{TRIES}={said!r} is no number of tries; write 1 or more") from error


class PaidModel:
    """Answers calls, each paid for at most once over all sittings. Safe to use from several threads."""

    def __init__(
        self,
        connection: Connection,
        ledger: Ledger,
        budget: Budget,
        listen: Listener = silent,
        patience: Patience | None = None,
    ) -> None:
        """Take the model's calls to the ledger and the budget of one audit."""
        self.name = connection.name
        self._connection = connection
        self._ledger = ledger
        self._budget = budget
        self._listen = listen
        self._patience = patience or usual_patience()
        self._turnstile = Turnstile(budget)
        self._pace = Pace(lambda change: self.tell(EventKind.WAIT, f"{self.name}, {change}"))
        self._forms = connection.forms
        self._unsupported: frozenset[str] = frozenset()
        self._told: set[str] = set()
        self._guard = threading.Lock()
        self._under_way: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._say_what_money_means()

    def answer(self, call: Call) -> AIMessage:
        """Return the model's answer: from the ledger if it was given before, else from the server.

        Raises:
            BudgetSpent: a limit is reached.
            RequestRefused: the server does not take the request in any form.
            ModelCallError: the server cannot be reached, keeps failing, or refuses for good.
        """
        key = call.key(self.name)
        with self._guard:
            lock = self._under_way[key]
        with lock:  # two threads with the same question: the second finds the first one's answer
            kept = self._ledger.reply(key)
            return AIMessage.model_validate_json(kept) if kept else self._pay(key, call)

    def tell(self, kind: EventKind, text: str) -> None:
        """Tell the listener something, with what has been spent."""
        self._listen(Event(kind=kind, text=text, spend=self._budget.spend()))

    def _pay(self, key: str, call: Call) -> AIMessage:
        with self._turnstile.admit(self._cost(call.tokens(), LONGEST_REPLY)):
            reply = self._in_a_form_it_takes(key, call)
            cost = self._counted(call, reply)
            self._ledger.save_call(self._record(key, call, reply.model_dump_json(), cost))
        return reply

    def _in_a_form_it_takes(self, key: str, call: Call) -> AIMessage:
        forms = self._forms if call.schema else (Form.TEXT,)
        for position, form in enumerate(forms):
            try:
                reply = self._insist(key, call, form)
            except RequestRefused:
                if position + 1 == len(forms):
                    raise
            else:
                self._remember(forms[position:], call)
                return reply
        raise ModelCallError(f"{self.name} takes typed replies in no form known here")

    def _remember(self, forms: tuple[Form, ...], call: Call) -> None:
        if call.schema and len(forms) < len(self._forms):
            self._forms = forms
            self._tell_once(EventKind.NOTE, f"{self.name} is asked for typed replies by {forms[0].value}")

    def _insist(self, key: str, call: Call, form: Form) -> AIMessage:
        """Send until an answer arrives, the tries are used up, or the error will not pass."""
        retrying = Retrying(
            stop=stop_after_attempt(self._patience.tries),
            retry=retry_if_exception(self._may_pass),
            wait=self._pause,
            sleep=self._sleep,
            before_sleep=self._announce,
            reraise=True,
        )
        sent = f"{key}-{form.name.lower()}"
        try:
            return retrying(self._try, key, call, form, sent)
        except CALL_ERRORS as error:
            raise self._for_the_person(understand(error), call) from error

    def _try(self, key: str, call: Call, form: Form, sent: str) -> AIMessage:
        without = self._unsupported
        try:
            reply = self._send(key, call, form, sent, without)
        except CALL_ERRORS as error:
            trouble = understand(error)
            if trouble.refused and self._leaves_out_more(trouble, without):
                return self._try(key, call, form, sent)
            raise
        self._pace.answered()
        return reply

    def _send(self, key: str, call: Call, form: Form, sent: str, without: frozenset[str]) -> AIMessage:
        """Send once, when it is its turn; the ledger knows of it before the server does."""
        with self._pace.turn(self._budget.check) as changes:
            self._budget.check_call()
            self._ledger.announce_call(self._record(key, call, "", self._cost(call.tokens(), 0)))
            try:
                return self._connection.send(call, form, sent, without)
            except CALL_ERRORS as error:
                trouble = understand(error)
                (self._ledger.lose_call if trouble.lost else self._ledger.withdraw_call)(key)
                if trouble.crowded:
                    self._pace.refused(trouble.wait or 0.0, changes)
                raise

    def _leaves_out_more(self, trouble: Trouble, without: frozenset[str]) -> bool:
        """Leave out what a server complains of, and tell whether the refused request had it: calls go side by side."""
        named = {name for name, words in _OPTIONAL.items() if any(word in trouble.text for word in words)}
        with self._guard:
            self._unsupported |= named
        return bool(named - without)

    def _may_pass(self, error: BaseException) -> bool:
        if not isinstance(error, CALL_ERRORS):
            return False
        trouble = understand(error)
        return trouble.passing and (trouble.wait or 0.0) <= self._patience.longest_asked

    def _pause(self, state: RetryCallState) -> float:
        asked = understand(_error(state)).wait
        doubled = self._patience.first_wait * 2 ** (state.attempt_number - 1)
        return asked if asked is not None else min(doubled, self._patience.longest_wait)

    def _announce(self, state: RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        trouble = understand(_error(state)).text
        left = self._patience.tries - state.attempt_number
        self.tell(EventKind.WAIT, f"{self.name}: {trouble}; waiting {seconds:.0f} s, {left} tries left")

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            self._budget.check()
            time.sleep(min(rest, _SLICE))

    def _for_the_person(self, trouble: Trouble, call: Call) -> ModelCallError:
        kind = RequestRefused if trouble.refused else ModelCallError
        tries = f"gave up after {self._patience.tries} tries: " if trouble.passing else ""
        return kind(f"{self.name}, asked for {call.purpose}: {tries}{trouble.text}")

    def _counted(self, call: Call, reply: AIMessage) -> Spend:
        usage = reply.usage_metadata
        if usage:
            return self._cost(usage["input_tokens"], usage["output_tokens"])
        self._tell_once(EventKind.NOTE, f"{self.name} does not count tokens; they are estimated from the texts' length")
        return self._cost(call.tokens(), len(words_of(reply)) // CHARACTERS_PER_TOKEN + 1)

    def _cost(self, read: int, written: int) -> Spend:
        price = self._connection.price
        return Spend(llm_calls=1, tokens=read + written, usd=price.of(read, written) if price else 0.0)

    def _record(self, key: str, call: Call, reply: str, cost: Spend) -> CallRecord:
        return CallRecord(key=key, purpose=call.purpose, reply=reply, tokens=cost.tokens, usd=cost.usd)

    def _say_what_money_means(self) -> None:
        if self._connection.price is None:
            said = f"the price of {self.name} is unknown and counted as 0: set {PRICE_IN} and {PRICE_OUT}"
            self._tell_once(EventKind.NOTE, said)

    def _tell_once(self, kind: EventKind, text: str) -> None:
        with self._guard:
            new = text not in self._told
            self._told.add(text)
        if new:
            self.tell(kind, text)


def _error(state: RetryCallState) -> BaseException:
    error = state.outcome.exception() if state.outcome else None
    return error or ModelCallError("no answer")
