"""Painting, within its limits and in the open: what is killed, ordered elsewhere, waited for, or given up on."""

from collections.abc import Callable, Sequence

import pytest

from faultfinder.agent.budget import Budget
from faultfinder.agent.events import EventKind
from faultfinder.agent.pictures.painting import HOPELESS, Painter, Prompt
from faultfinder.memory.errors import BudgetSpent, Interrupted, TargetError, Waiting
from faultfinder.memory.ledger import PAINTED, CallRecord, Ledger
from faultfinder.memory.picture_records import Picture
from faultfinder.memory.records import Limits, Outcome
from tests.support.painters import Draughtsman
from tests.support.studios import CASES, Fickle, Obliging, case, outcomes, raises


def test_the_same_prompt_twice_in_one_step_is_painted_once(studio):
    generator = Obliging()
    studio(generator).paint([Prompt("a red circle", 1), Prompt("a red circle", 1), Prompt("a red circle", 2)])
    assert generator.given == [[("a red circle", 1), ("a red circle", 2)]]


def test_killed_while_painting_only_the_batch_in_hand_is_lost(studio):
    generator = Obliging()
    generator.batch = 2

    def killed(prompts: Sequence[str]) -> None:
        if len(generator.given) == 3:
            raise KeyboardInterrupt

    generator._first = killed
    with pytest.raises(KeyboardInterrupt):
        studio(generator).exhibit(CASES)
    studio(generator).exhibit(CASES)
    given = [prompt for batch in generator.given for prompt, _ in batch]
    assert len(given) == 2 * len(CASES) + 2
    assert given[4:6] == given[6:8], "the batch in hand is painted again"


def test_generators_that_share_weights_but_not_names_share_no_picture(studio, ledger):
    for name in ("diffusers:x@steps=2", "diffusers:x@steps=50"):
        generator = Obliging(name=name)
        generator.identity = "the same weights"
        studio(generator).exhibit(CASES[:1])
        assert generator.painted == 2
    assert len({picture.id for picture in ledger.all(Picture)}) == 4


def test_a_generator_that_fails_at_everything_is_given_up_on_and_can_be_resumed(studio, ledger, heard):
    many = [case(number) for number in range(HOPELESS)]
    with pytest.raises(TargetError, match=f"failed at {HOPELESS} prompts in a row, the last time so: no device"):
        studio(Obliging(raises(TargetError("no device")))).exhibit(many)
    assert len(heard.of(EventKind.WARNING)) == HOPELESS - 1
    assert outcomes(studio(Obliging()), many[:2]) == [Outcome.PASS] * 2


def test_a_kind_of_prompt_that_it_fails_at_is_no_reason_to_give_up(studio):
    many = [case(number) for number in range(36)]
    found = outcomes(studio(Obliging(raises(TargetError("no blue"), "blue"))), many)
    assert {Outcome.ERROR, Outcome.PASS} == set(found)


@pytest.mark.parametrize("allowed", [1, 5, 11])
def test_no_picture_is_painted_past_the_limit(studio, ledger, allowed):
    generator = Obliging()
    with pytest.raises(BudgetSpent, match="max_images"):
        studio(generator, Limits(images=allowed)).exhibit(CASES)
    assert generator.painted == ledger.spend().images == allowed
    assert len(studio(generator).exhibit(CASES)) == len(CASES)
    assert generator.painted == 2 * len(CASES), "with a higher limit it goes on, paying nothing twice"


def test_money_is_a_wall_too(studio, ledger):
    generator = Fickle("fickle")
    generator.batch = 1
    with pytest.raises(BudgetSpent, match="max_usd"):
        studio(generator, Limits(usd=0.35)).exhibit(CASES)
    assert ledger.spend().usd == pytest.approx(0.4), "no more than the call in flight"
    assert ledger.spend().images == 4


def test_what_was_lost_on_the_way_is_paid_with_the_next_picture(studio, ledger):
    generator = Fickle("fickle")
    generator.batch = 1
    made = studio(generator)
    generator.usd_spent += 0.2
    made.exhibit(CASES[:1])
    assert ledger.spend().usd == pytest.approx(0.4)


class Ordered(Draughtsman):
    """Has its pictures made elsewhere."""

    def __init__(self) -> None:
        super().__init__("ordered")
        self.orders: list[int] = []

    def commission(self, prompts: Sequence[str], seeds: Sequence[int]) -> None:
        self.orders.append(len(prompts))
        if len(self.orders) == 1:
            raise Waiting("waiting for pictures")


def test_pictures_made_elsewhere_are_ordered_all_at_once_and_nothing_is_painted_before(studio, ledger):
    many, generator = [case(number) for number in range(36)], Ordered()
    with pytest.raises(Waiting, match="waiting for pictures"):
        studio(generator).exhibit(many)
    assert generator.orders == [72]
    assert ledger.all(Picture) == []
    studio(generator).exhibit(many)
    assert ledger.spend().images == 72
    studio(generator).exhibit(many)
    assert generator.orders == [72, 72], "what is there is not ordered"


def test_no_more_is_ordered_than_the_limit_allows(studio):
    generator = Ordered()
    with pytest.raises(Waiting):
        studio(generator, Limits(images=5)).exhibit(CASES)
    assert generator.orders == [5]


class Busy(Draughtsman):
    """Has to wait before its first picture."""

    def __init__(self, seconds: float) -> None:
        super().__init__("busy")
        self.seconds = seconds

    def wait_with(self, wait: Callable[[str, float], None]) -> None:
        self.wait = wait

    def generate(self, prompts, seeds):
        self.wait("busy: HTTP 429; waiting a little", self.seconds)
        return super().generate(prompts, seeds)


def test_a_wait_is_told(studio, heard):
    studio(Busy(0.01)).exhibit(CASES[:1])
    assert heard.of(EventKind.WAIT) == ["busy: HTTP 429; waiting a little"]


def test_a_person_who_asks_to_stop_is_heard_while_it_waits(ledger, heard, tmp_path):
    budget = Budget(Limits(), ledger)
    painter = Painter(Busy(60.0), ledger, budget, lambda event: budget.interrupt(), tmp_path)
    with pytest.raises(Interrupted):
        painter.paint([Prompt("a red circle", 1)])


def test_the_whole_batch_is_told_as_progress(studio, heard):
    studio(Obliging()).exhibit(CASES)
    told = [(event.done, event.total) for event in heard if event.kind is EventKind.PROGRESS]
    assert told == [(8, 12), (12, 12)]


@pytest.mark.parametrize(("price", "counted"), [(0.25, (2, 0.5, 0)), (None, (2, 0.0, 0)), (0.0, (0, 0.0, 0))])
def test_a_batch_that_a_kill_cuts_off_is_counted_unless_it_was_painted_here(studio, tmp_path, price, counted):
    seen = []

    def seen_by_the_next_process(prompts: Sequence[str]) -> None:
        with Ledger.open(tmp_path / "audit.db") as opened:
            opened.begin_sitting("2026-01-01T00:00:00Z")
            seen.append((opened.spend().images, opened.spend().usd, opened.spend().llm_calls))

    generator = Obliging(seen_by_the_next_process)
    generator.picture_price = price
    studio(generator).exhibit(CASES[:1])
    assert seen == [counted]


def test_pictures_that_a_kill_cut_off_count_against_the_limit(studio, ledger):
    generator = Obliging()
    generator.picture_price = None
    lost = [CallRecord(key=f"painted-{n}", purpose=PAINTED, reply="", tokens=0, usd=0.0) for n in range(3)]
    ledger.announce_call(*lost)
    ledger.begin_sitting("2026-01-01T00:00:00Z")
    with pytest.raises(BudgetSpent, match="max_images"):
        studio(generator, Limits(images=5)).exhibit(CASES)
    assert generator.painted == 2
    assert ledger.spend().images == 5


def test_a_paid_batch_that_arrives_leaves_no_announcement(studio, ledger):
    generator = Obliging()
    generator.picture_price = 0.25
    studio(generator).exhibit(CASES[:1])
    ledger.begin_sitting("2026-01-01T00:00:00Z")
    assert ledger.spend().usd == 0.0  # it keeps no books of what it spent
    assert ledger.spend().images == 2
