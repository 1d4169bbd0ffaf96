"""In whose company does an edit go unnoticed?"""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from faultfinder.agent.explore.contexts import Seen, telling_words

OTHERS = [f"word{number}" for number in range(40)]


def tries(telling: set[str], count: int, seed: int, noise: float = 0.0) -> list[Seen]:
    """Return tries that fail where a telling word stands, and here and there by chance."""
    rng = Random(seed)
    vocabulary = [*OTHERS, *sorted(telling)]
    made = []
    for _ in range(count):
        context = frozenset(rng.sample(vocabulary, 5))
        made.append(Seen(context, bool(context & telling) or rng.random() < noise))
    return made


@given(st.integers(0, 1000))
def test_the_words_that_set_failing_tries_apart_are_found(seed: int) -> None:
    found = telling_words(tries({"bus", "truck"}, 300, seed))
    assert {"bus", "truck"} <= set(found)
    assert not set(found) - {"bus", "truck"}


def test_chance_failures_do_not_hide_them() -> None:
    found = telling_words(tries({"bus", "truck"}, 400, seed=3, noise=0.05))
    assert {"bus", "truck"} <= set(found)


def test_nothing_fails_nothing_is_found() -> None:
    assert telling_words(tries(set(), 200, seed=1)) == ()
    assert telling_words([]) == ()
