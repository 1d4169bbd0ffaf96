from collections.abc import Sequence

import pytest

from faultfinder.memory.errors import BudgetSpent, OptionError
from faultfinder.memory.landscape_records import Visit
from faultfinder.memory.records import Outcome
from faultfinder.tools.explorers.queries import Choice, Queries
from faultfinder.tools.tasks.task import Query
from tests.support.planted import PlantedTask


def _visits(task: PlantedTask, choices: Sequence[Choice]) -> list[Visit]:
    made: list[Visit] = []
    Queries(task, 100, exploration="explore-1", on_visits=made.extend).answer(choices)
    return made


def test_every_query_becomes_a_visit_that_says_what_came_of_it():
    first, second = _visits(PlantedTask(), [Choice(0, 0, 0.25), Choice(1, 0)])
    assert (first.id, first.exploration, first.input, first.action) == ("explore-1-00001", "explore-1", "input-0", 0)
    assert (first.outcome, first.severity, first.propensity, first.said) == (Outcome.FAIL, 0.9, 0.25, "wrong")
    assert (second.id, second.outcome, second.propensity) == ("explore-1-00002", Outcome.PASS, None)


def test_the_budget_is_a_wall():
    task = PlantedTask()
    queries = Queries(task, 3)
    queries.answer([Choice(0, 0), Choice(1, 1)])
    with pytest.raises(BudgetSpent, match="3 queries"):
        queries.answer([Choice(2, 2), Choice(3, 3)])
    assert len(task.asked) == 2
    assert queries.left == 1


def test_the_same_question_is_asked_once_and_counted_twice():
    task = PlantedTask()
    queries = Queries(task, 10)
    queries.answer([Choice(0, 0), Choice(0, 0)])
    queries.answer([Choice(0, 0)])
    assert task.asked == [Query(0, 0)]
    assert (queries.spent, queries.left) == (3, 7)
    assert list(queries.tried(0)) == [0, 0, 0]


def test_severity_times_importance_is_the_reward():
    queries = Queries(PlantedTask(), 10, importance=lambda example, action: 0.5 if example.topic == "kind 0" else 1.0)
    assert [answer.reward for answer in queries.answer([Choice(0, 0), Choice(1, 0)])] == [0.45, 0.1]


def test_an_invalid_input_is_worth_nothing():
    answer = Queries(PlantedTask(invalid=[0]), 10).answer([Choice(0, 0)])[0]
    assert (answer.reward, answer.visit.outcome, answer.visit.severity) == (0.0, Outcome.INVALID, None)


def test_an_importance_out_of_range_is_refused():
    with pytest.raises(OptionError, match=r"input-0.* 2"):
        Queries(PlantedTask(), 10, importance=lambda example, action: 2.0).answer([Choice(0, 0)])


def test_resumed_queries_are_answered_from_the_memo():
    task, choices = PlantedTask(), [Choice(n, n, 0.5) for n in range(4)]
    memo, made = _visits(PlantedTask(), choices[:3]), []
    queries = Queries(task, 10, exploration="explore-1", memo=memo, on_visits=made.extend)
    answers = queries.answer(choices)
    assert [answer.visit for answer in answers][:3] == memo
    assert [visit.id for visit in made] == ["explore-1-00004"]
    assert task.asked == [Query(3, 3)]
    assert queries.left == 6


def test_choices_that_depart_from_the_memo_do_not_open_the_wall():
    task = PlantedTask()
    queries = Queries(task, 5, memo=_visits(PlantedTask(), [Choice(n, n) for n in range(4)]))
    queries.answer([Choice(9, 9)])
    assert queries.left == 0
    with pytest.raises(BudgetSpent):
        queries.answer([Choice(8, 8)])


def test_inputs_need_keys_of_their_own():
    task = PlantedTask()
    task.examples[1] = task.examples[0]
    with pytest.raises(OptionError, match="same key"):
        Queries(task, 5)
