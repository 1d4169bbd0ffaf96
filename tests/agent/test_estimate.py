"""What an audit will probably cost: a range that says what it rests on, held by the limits, corrected as it goes."""

from pathlib import Path

import pytest

from faultfinder.agent.events import EventKind
from faultfinder.agent.folder.event_log import EventTail
from faultfinder.agent.llm.prices import Price
from faultfinder.agent.running.estimate import (
    TYPICAL_CALLS,
    TYPICAL_HYPOTHESES,
    Bill,
    Usage,
    earlier_audits,
    expect,
    made_with,
    what_money_holds,
)
from faultfinder.memory.ledger import CallRecord, Ledger
from faultfinder.memory.records import AuditSettings, Hypothesis, Limits, Spend
from tests.support.audits import audit_command, run
from tests.support.server import ChatServer

PRICE = Price(read=1.0, written=4.0)
CHAT = Bill(chat=PRICE, asks=True)


def settings(llm="openai:m", **limits):
    return AuditSettings(name="a", goal="g", target="lab:clip", corpus="lab", llm=llm, limits=Limits(**limits))


def usage(hypotheses, calls, tokens, usd, llm="openai:m"):
    spent = Spend(hypotheses=hypotheses, llm_calls=calls, tokens=tokens, usd=usd)
    return Usage(made_with=made_with(settings(llm)), spent=spent)


def test_an_audit_that_pays_nobody_costs_nothing():
    expected = expect(settings("offline"), Spend(), 0, [usage(4, 40, 4_000, 1.0)], Bill())
    assert (expected.llm_calls, expected.tokens, expected.usd) == ((0, 0), (0, 0), (0.0, 0.0))
    assert str(expected) == "US$ 0: nobody is paid"


def test_without_figures_it_is_a_wide_range_and_says_so():
    expected = expect(settings(hypotheses=10), Spend(), 0, [], CHAT)
    assert expected.hypotheses == (TYPICAL_HYPOTHESES[0], 10)
    assert expected.llm_calls == (3 * TYPICAL_CALLS[0], 10 * TYPICAL_CALLS[1])
    low, high = expected.usd
    assert 0 < low < high
    assert "typical figures" in expected.basis


def test_earlier_audits_like_it_narrow_the_range():
    earlier = [usage(4, 40, 40_000, 0.4), usage(8, 120, 160_000, 2.4), usage(5, 5, 5, 9.0, llm="openai:other")]
    expected = expect(settings(hypotheses=10), Spend(), 0, earlier, CHAT)
    assert expected.hypotheses == (4, 10)
    assert expected.llm_calls == (round(4 * 10 * 0.5), round(10 * 15 * 2.0))
    assert expected.usd == (4 * 0.1 * 0.5, 10 * 0.3 * 2.0)
    assert "2 earlier audits like it" in expected.basis


def test_its_own_hypotheses_are_the_best_figures():
    spent = Spend(hypotheses=6, llm_calls=60, tokens=60_000, usd=0.6)
    expected = expect(settings(hypotheses=12), spent, 6, [usage(4, 400, 400_000, 40.0)], CHAT)
    assert expected.llm_calls == (60, 60 + round(6 * 10 * 1.5))
    assert expected.usd == (0.6, pytest.approx(0.6 + 6 * 0.1 * 1.5))
    assert "its first 6" in expected.basis


def test_no_estimate_goes_over_a_limit():
    limits = {"hypotheses": 30, "llm_calls": 50, "tokens": 90_000, "usd": 0.05}
    expected = expect(settings(**limits), Spend(), 0, [], CHAT)
    assert expected.llm_calls[1] == 50
    assert expected.tokens[1] == 90_000
    assert expected.usd[1] == 0.05


def test_pictures_and_who_looks_at_them_are_counted():
    bill = Bill(chat=PRICE, asks=True, looks=True, paints=True, picture=0.04)
    expected = expect(settings("offline", hypotheses=3), Spend(), 0, [], bill)
    assert expected.images == (3 * 80, 3 * 240)
    assert expected.llm_calls == (2 * 3 * 80, 2 * 3 * 240)
    assert expected.usd[0] > 3 * 80 * 0.04


def test_a_price_that_is_not_known_is_not_guessed():
    expected = expect(settings(hypotheses=3), Spend(), 0, [], Bill(asks=True))
    assert expected.usd is None
    assert "US$ unknown" in str(expected)


@pytest.mark.parametrize(
    ("bill", "says"),
    [
        (CHAT, None),
        (Bill(asks=True), "it cannot hold"),
        (Bill(asks=True, paints=True, picture=0.1), "it can hold for pictures only"),
        (Bill(asks=True, chat=PRICE, paints=True, picture=None), "it can hold for calls only"),
    ],
)
def test_a_limit_in_dollars_says_what_it_can_hold(bill, says):
    told = what_money_holds(Limits(usd=1.0), bill)
    assert told is None if says is None else says in told
    assert what_money_holds(Limits(), bill) is None


def test_earlier_audits_are_read_from_their_ledgers_and_spoilt_ones_left_out(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with Ledger.open(tmp_path / name / "audit.db") as ledger:
            ledger.save([settings(), Hypothesis(id="h1", title="t", description="d")])
            ledger.save_call(CallRecord(key="k", purpose="p", reply="r", tokens=7, usd=0.5))
    (tmp_path / "spoilt").mkdir()
    (tmp_path / "spoilt" / "audit.db").write_text("no database")
    (found,) = earlier_audits(tmp_path, "a")
    assert (found.spent.hypotheses, found.spent.llm_calls, found.spent.tokens, found.spent.usd) == (1, 1, 7, 0.5)


@pytest.mark.slow
def test_it_is_said_before_anything_is_spent_and_kept_current(tmp_path: Path) -> None:
    prices = {"FAULTFINDER_PRICE_IN": "1", "FAULTFINDER_PRICE_OUT": "4"}
    with ChatServer() as server:
        chat = ["--llm", "openai:scripted", "--llm-url", server.url, "--max-hypotheses", "4", "--max-usd", "5"]
        ended = run(audit_command(tmp_path, "blind", *chat), **prices)
    assert ended.returncode == 0, ended.stderr
    said = [event for event in EventTail(tmp_path / "small").new() if event.kind is EventKind.ESTIMATE]
    first, last = said[0], said[-1]
    assert first.spend.llm_calls == 0
    assert "typical figures" in first.expected.basis
    assert len(said) > 1
    assert "as its first" in last.expected.basis
    assert last.expected.usd[0] <= last.spend.usd + 1e-4 <= last.expected.usd[1] + 2e-4
    assert first.expected.usd[0] <= last.spend.usd <= first.expected.usd[1]
