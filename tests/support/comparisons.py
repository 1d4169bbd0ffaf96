"""A comparison made by hand, with every verdict, words that try to be more, and a model that could not be opened."""

from faultfinder.agent.suites.comparing import Column, Comparison
from faultfinder.agent.suites.files import Suite
from tests.support.suites import BEFORE, NOW, check_of, suite_of

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">" + "long" * 60
F, P = "f" * 20, "p" * 20
_TITLES = {"night/h1": "left and right are confused", "night/h2": "=1+1", "day/h1": HOSTILE}


def sample_comparison() -> Comparison:
    """Return three failures on four models."""
    made = suite_of(dict.fromkeys(_TITLES, (F, P)))
    cases = tuple(case.model_copy(update={"title": _TITLES[case.failure]}) for case in made.cases)
    suite = Suite("night/suite.jsonl, day/suite.jsonl", "ab" * 32, cases)
    a = check_of(suite, {"night/h1": (F, P), "night/h2": (F, P), "day/h1": ("f" * 10 + "p" * 10, P)}, "lab:a")
    b = check_of(suite, {"night/h1": (P, P), "night/h2": ("p" * 18 + "uu", P), "day/h1": (F, "f" + "p" * 19)}, "lab:b")
    c = check_of(
        suite, {"night/h1": ("f" * 12 + "p" * 8, P), "night/h2": (P, P), "day/h1": (P, P)}, f"python:{HOSTILE}"
    )
    columns = (
        Column("lab:a", a),
        Column("lab:b", b),
        Column(f"python:{HOSTILE}", c),
        Column("lab:gone", None, f"there is no lab:gone {HOSTILE}"),
    )
    return Comparison(suite, columns, BEFORE, NOW)
