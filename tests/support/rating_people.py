"""People who rate failures, simulated: each minds what a rule says, with a slip of the hand now and then."""

import random
from collections.abc import Callable
from pathlib import Path

from faultfinder.agent.landscape.rating import space_of
from faultfinder.agent.people.review_desk import LedgerDesk
from faultfinder.memory.landscape_records import Candidate, Exploration
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.people_records import RATINGS, Answer, Ask, Label, Question, standing

WHEN = "2026-03-05T14:02:11+00:00"
SLIPS = 0.05
"""Share of answers that are any number at all."""

Minds = Callable[[dict[str, float | str]], bool]
"""Says of the levels of an action, by factor, whether a failure under it is minded."""


def the_dark(levels: dict[str, float | str]) -> bool:
    return float(levels["darkness"]) < 1


def the_light(levels: dict[str, float | str]) -> bool:
    return float(levels["darkness"]) > 1


def everything(levels: dict[str, float | str]) -> bool:
    return True


def nothing(levels: dict[str, float | str]) -> bool:
    return False


def answer_all(folder: Path, minds: Minds, rater: str = "Ada", seed: int = 0, most: int = 1000) -> int:
    """Rate what an audit asks, and what it asks next, until it asks nothing more; return how many were rated."""
    with Ledger.open(folder / "audit.db") as ledger:
        desk, rated = LedgerDesk(folder, ledger), 0
        while rated < most and (asked := open_to(desk, rater)):
            desk.append([rating(ledger, asked[0], minds, rater, seed)])
            rated += 1
    return rated


def open_to(desk: LedgerDesk, rater: str) -> list[Question]:
    """Return the ratings that a rater has not given yet, in the order of asking."""
    done = {question for question, name in standing(desk.labels()) if name == rater}
    asked = [each for each in desk.questions() if each.kind is Ask.RATING and each.id not in done]
    return sorted(asked, key=lambda each: each.rank)


def rating(ledger: Ledger, asked: Question, minds: Minds, rater: str, seed: int) -> Label:
    """Return 9 or 10 for what is minded, 1 or 2 for what is not."""
    candidate = next(each for each in ledger.all(Candidate) if each.id == asked.visit)
    action = space_of(ledger.all(Exploration)[0]).actions[candidate.action]
    dice = random.Random(f"{seed} {rater} {candidate.id}")
    value = dice.choice((9, 10) if minds({s.factor: s.level for s in action.settings}) else (1, 2))
    answer = dice.choice(RATINGS) if dice.random() < SLIPS else Answer(str(value))
    return label(asked, rater, answer)


def label(asked: Question, rater: str, answer: Answer | None) -> Label:
    """Return an answer as the page sends it."""
    return Label(id=f"{asked.id}-{rater}", question=asked.id, rater=rater, answer=answer, at=WHEN)
