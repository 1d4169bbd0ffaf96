"""Krippendorff's alpha for nominal data, written out from the definition: coincidences counted by hand."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

from faultfinder.memory.people_records import Label


def nominal_alpha(units: Sequence[Sequence[object]]) -> Fraction | None:
    """Return alpha of the answers to each unit, exactly; None where it is not defined.

    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C.
    """
    coincidences: dict[tuple[object, object], Fraction] = defaultdict(Fraction)
    for values in units:
        for one, other in permutations(values, 2):
            coincidences[one, other] += Fraction(1, len(values) - 1)
    totals: dict[object, Fraction] = defaultdict(Fraction)
    for (one, _), number in coincidences.items():
        totals[one] += number
    n = sum(totals.values())
    observed = sum(number for (one, other), number in coincidences.items() if one != other)
    expected = sum(totals[one] * totals[other] for one, other in permutations(totals, 2))
    return 1 - (n - 1) * observed / expected if expected else None


def units_of(labels: Sequence[Label]) -> list[list[object]]:
    """Return the answers to each question that two or more raters answered, one label each."""
    answers: dict[str, list[object]] = defaultdict(list)
    for label in labels:
        answers[label.question].append(label.answer)
    return [values for values in answers.values() if len(values) > 1]


def most(values: Sequence[object]) -> object | None:
    """Return what was said most often; None where two things were."""
    ranked = Counter(values).most_common()
    return None if len(ranked) > 1 and ranked[0][1] == ranked[1][1] else ranked[0][0]
