"""The chat model over real HTTP: paid once, inside the budget, retried in the open, its errors told in words."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import EventKind
from faultfinder.agent.llm.calls import Call
from faultfinder.agent.llm.chat_model import Connection, connect
from faultfinder.agent.llm.forms import BriefReply
from faultfinder.agent.llm.paid_model import PaidModel, Patience
from faultfinder.agent.llm.prices import Price, price_of
from faultfinder.agent.llm.replies import strict_schema
from faultfinder.memory.errors import BudgetSpent, Interrupted, ModelCallError, RequestRefused, SpecError
from faultfinder.memory.records import Limits
from faultfinder.prompts import render
from tests.support.server import ChatServer, Manners

KEY = "sk-test-0123456789"


def question(goal="does it know where things are?", attempt=0):
    prompt = render.brief(goal=render.quoted([goal]))
    return Call("brief", (HumanMessage(prompt),), schema=strict_schema(BriefReply), attempt=attempt)


def test_an_answer_is_kept_and_not_bought_again(paid, ledger):
    with ChatServer() as server:
        first = paid(server.url).answer(question())
        again = paid(server.url).answer(question())  # another sitting
        other = paid(server.url).answer(question(attempt=1))
    assert first.text == again.text == other.text
    assert len(server.requests) == 2
    assert ledger.spend().llm_calls == 2
    assert ledger.spend().tokens == sum(request.tokens for request in server.paid)


def test_the_key_of_a_call_ignores_ids_and_heeds_everything_else():
    def asked(*messages, purpose="x"):
        return Call(purpose, messages).key("m")

    call = {"name": "f", "args": {"x": 1}, "type": "tool_call"}
    same = asked(AIMessage("", id="1", tool_calls=[{**call, "id": "a"}]))
    assert same == asked(AIMessage("", id="2", tool_calls=[{**call, "id": "b"}]))
    assert same != asked(AIMessage("", tool_calls=[{**call, "args": {"x": 2}, "id": "a"}]))
    assert asked(HumanMessage("a")) != asked(HumanMessage("a"), purpose="y")
    assert asked(HumanMessage("a"), HumanMessage("b")) != asked(HumanMessage("ab"))


def test_a_lost_answer_is_asked_for_under_the_same_idempotency_key(paid):
    with ChatServer(Manners(faults=("truncated",))) as server:
        paid(server.url).answer(question())
    first, second = server.requests
    assert first.key == second.key != ""
    assert (first.paid, second.paid, second.replayed) == (True, False, True)


@pytest.mark.parametrize("fault", ["429", "500", "truncated"])
def test_what_passes_is_retried_in_the_open(paid, heard, fault):
    with ChatServer(Manners(faults=(fault,) * 2)) as server:
        assert paid(server.url).answer(question()).text
    assert [request.fault for request in server.requests] == [fault, fault, ""]
    assert sum("waiting" in told for told in heard.of(EventKind.WAIT)) == 2
    assert "2 tries left" in heard.of(EventKind.WAIT)[-1]


def test_a_hanging_server_is_given_a_limited_time(paid, heard):
    with ChatServer(Manners(faults=("hang",), hang_seconds=2.0)) as server:
        assert paid(server.url, timeout=0.3).answer(question()).text
    assert "no answer in time" in heard.of(EventKind.WAIT)[0]


def test_retries_are_bounded(paid):
    with (
        ChatServer(Manners(faults=("500",) * 20)) as server,
        pytest.raises(ModelCallError, match="gave up after 4 tries"),
    ):
        paid(server.url).answer(question())
    assert len(server.requests) == 4


def test_the_server_says_how_long_to_wait(paid, heard):
    patience = Patience(tries=2, first_wait=30.0)
    with ChatServer(Manners(faults=("429",), retry_after="0.05")) as server:
        assert paid(server.url, patience=patience).answer(question()).text
    assert any("waiting 0 s" in told for told in heard.of(EventKind.WAIT))


def test_a_wait_too_long_is_not_begun(paid):
    with (
        ChatServer(Manners(faults=("429",), retry_after="86400")) as server,
        pytest.raises(ModelCallError, match="429"),
    ):
        paid(server.url).answer(question())
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "OPENAI_API_KEY"), (402, "credit"), (403, "may not use"), (404, "ends as the server wants")],
)
def test_what_will_not_pass_is_not_retried_and_says_what_to_do(paid, status, advice):
    with ChatServer(Manners(status=status)) as server, pytest.raises(ModelCallError, match=advice) as told:
        paid(server.url).answer(question())
    assert len(server.requests) == 1
    assert not isinstance(told.value, RequestRefused)


def test_a_server_that_is_not_there(paid):
    with ChatServer() as server:
        pass
    with pytest.raises(ModelCallError, match="cannot be reached"):
        paid(server.url).answer(question())


def test_a_refused_form_is_asked_in_another_and_remembered(paid, heard):
    with ChatServer(Manners(refuses_schema=True)) as server:
        model = paid(server.url)
        model.answer(question())
        model.answer(question("what about colour?"))
    assert [request.form for request in server.requests] == ["schema", "function", "function"]
    assert any("function call" in note for note in heard.of(EventKind.NOTE))


def test_json_in_the_text_is_the_last_resort(paid):
    with ChatServer(Manners(refuses_schema=True, refuses_tools=True)) as server:
        paid(server.url).answer(question())
    assert [request.form for request in server.requests] == ["schema", "function", "text"]


def test_a_request_refused_in_every_form_is_told(paid):
    with ChatServer(Manners(status=400)) as server, pytest.raises(RequestRefused, match="refused"):
        paid(server.url).answer(question())
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("limits", "name"),
    [(Limits(llm_calls=3), "llm_calls"), (Limits(tokens=900), "tokens"), (Limits(usd=0.0009), "usd")],
)
def test_no_wall_is_passed_by_more_than_one_call_however_many_threads_ask(paid, ledger, monkeypatch, limits, name):
    monkeypatch.setenv("FAULTFINDER_PRICE_IN", "1")
    monkeypatch.setenv("FAULTFINDER_PRICE_OUT", "1")
    with ChatServer(Manners(seconds_per_answer=0.02)) as server:
        model = paid(server.url, limits)

        def try_one(number):
            try:
                return bool(model.answer(question(f"goal {number}")))
            except BudgetSpent as stop:
                return stop.reason

        with ThreadPoolExecutor(8) as pool:
            ends = list(pool.map(try_one, range(16)))
    largest = max(request.tokens for request in server.paid)
    overshoot = {"llm_calls": 0, "tokens": largest, "usd": largest / 1e6}[name]
    assert ends.count(f"max_{name}") == 16 - len(server.paid) > 0
    assert getattr(ledger.spend(), name) <= getattr(limits, name) + overshoot
    assert ledger.spend().tokens == sum(request.tokens for request in server.paid)


def test_two_threads_with_one_question_pay_once(paid):
    with ChatServer(Manners(seconds_per_answer=0.05)) as server, ThreadPoolExecutor(4) as pool:
        model = paid(server.url)
        answers = list(pool.map(lambda _: model.answer(question()).text, range(4)))
    assert len(set(answers)) == 1
    assert len(server.requests) == 1


def test_a_person_who_asks_to_stop_is_heard_while_waiting(ledger, heard):
    budget = Budget(Limits(), ledger)
    with ChatServer(Manners(faults=("500",) * 9)) as server:
        connection = connect("openai:scripted", server.url)
        model = PaidModel(connection, ledger, budget, heard.append, Patience(first_wait=60.0))
        threading.Timer(0.3, budget.interrupt).start()
        with pytest.raises(Interrupted):
            model.answer(question())
    assert len(server.requests) == 1


def test_lost_answers_count_against_the_budget(paid, ledger):
    with ChatServer(Manners(faults=("truncated",))) as server:
        paid(server.url).answer(question())
    assert ledger.spend().llm_calls == 2
    assert ledger.spend().tokens > server.paid[0].tokens


def test_tokens_are_estimated_where_the_server_does_not_count(paid, ledger, heard):
    with ChatServer(Manners(counts_tokens=False)) as server:
        model = paid(server.url)
        model.answer(question())
        model.answer(question("another"))
    assert ledger.spend().tokens > 100
    assert sum("estimated" in note for note in heard.of(EventKind.NOTE)) == 1


def test_the_request_is_repeatable_and_carries_no_stray_key(paid, monkeypatch):
    with ChatServer() as server:
        paid(server.url).answer(question())
    assert (server.bodies[0]["temperature"], server.bodies[0]["seed"]) == (0, 0)
    assert server.authorization == {"Bearer none-needed"}


def test_the_key_is_sent_and_never_told_or_stored(paid, heard, ledger, monkeypatch, tmp_path):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ChatServer() as server:
        model = paid(server.url)
        model.answer(question())
    assert server.authorization == {f"Bearer {KEY}"}
    assert KEY not in "".join(event.text for event in heard) + repr(model.__dict__)
    ledger.close()
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_openai_itself_wants_a_key():
    with pytest.raises(SpecError, match="OPENAI_API_KEY"):
        connect("openai:gpt-4o-mini")


@pytest.mark.parametrize("spec", ["openai:", "gpt-4o", "anthropic:claude"])
def test_a_name_that_is_no_chat_model(spec):
    with pytest.raises(SpecError, match="openai:MODEL"):
        connect(spec, "http://127.0.0.1:1/v1")


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "file:///etc/passwd", "http://"])
def test_a_url_that_is_none(url):
    with pytest.raises(SpecError, match="no URL"):
        connect("openai:x", url)


@pytest.mark.parametrize("seconds", ["soon", "-3"])
def test_a_timeout_that_is_none(monkeypatch, seconds):
    monkeypatch.setenv("FAULTFINDER_LLM_TIMEOUT", seconds)
    with pytest.raises(SpecError, match="no number of seconds"):
        connect("openai:x", "http://127.0.0.1:1/v1")


def test_any_langchain_model_can_be_injected(ledger, heard):
    connection = Connection("fake", FakeListChatModel(responses=["hello"]), price=Price(read=1e6, written=1e6))
    model = PaidModel(connection, ledger, Budget(Limits(), ledger), heard.append)
    assert model.answer(Call("greeting", (HumanMessage("hi"),))).text == "hello"
    assert ledger.spend().usd == ledger.spend().tokens > 0


def test_prices(monkeypatch):
    assert price_of("gpt-4o-mini-2024-07-18", own_server=False) == price_of("gpt-4o-mini", own_server=False)
    assert price_of("gpt-4o-mini", own_server=True) is None
    assert price_of("unheard-of", own_server=False) is None
    monkeypatch.setenv("FAULTFINDER_PRICE_IN", "2")
    with pytest.raises(SpecError, match="set both"):
        price_of("unheard-of", own_server=True)
    monkeypatch.setenv("FAULTFINDER_PRICE_OUT", "4")
    assert price_of("unheard-of", own_server=True).of(1_000_000, 500_000) == 4.0


def test_a_price_that_is_not_known_is_said(paid, heard):
    with ChatServer() as server:
        paid(server.url)
    assert "unknown and counted as 0: set FAULTFINDER_PRICE_IN" in heard.of(EventKind.NOTE)[0]


@pytest.mark.parametrize(("status", "requests"), [(400, 3), (401, 1), (402, 1), (403, 1), (404, 1), (413, 1), (422, 3)])
def test_an_error_that_will_not_pass_is_not_tried_again(paid, heard, status, requests):
    with ChatServer(Manners(status=status)) as server, pytest.raises(ModelCallError):
        paid(server.url).answer(question())
    assert len(server.requests) == requests  # at most once in each form of request
    assert heard.of(EventKind.WAIT) == []


def test_a_server_that_is_asked_too_often_is_asked_less_often_and_its_wish_is_kept(paid, heard):
    with ChatServer(Manners(faults=("429",), retry_after="1")) as server:
        paid(server.url).answer(question())
        assert [request.status for request in server.requests] == [429, 200]
    assert any("slowing down: 4 calls at a time" in told for told in heard.of(EventKind.WAIT))
    assert any("waiting 1 s" in told for told in heard.of(EventKind.WAIT))


def test_a_wait_until_a_moment_is_counted_by_the_clock_of_the_server(paid, heard):
    late = formatdate(time.time() + 7200 + 2, usegmt=True)
    with ChatServer(Manners(faults=("429",), retry_after=late, clock_ahead=7200)) as server:
        paid(server.url).answer(question())
    (told,) = [told for told in heard.of(EventKind.WAIT) if "waiting" in told]
    assert int(re.search(r"waiting (\d+) s", told)[1]) <= 3
