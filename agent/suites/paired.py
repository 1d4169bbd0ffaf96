"""The same cases, asked twice: the exact test of what changed, and the correction for many such tests.

McNemar's test looks only at the cases that changed: if nothing but chance were at work, each would be as likely to have
changed for the worse as for the better (McNemar, 1947; the exact form is a binomial test). Holm's step-down correction
keeps the chance of any false claim among several tests at the level of one, whatever their dependence (Holm, 1979).
"""

from collections.abc import Sequence


def changed_p(worse: int, better: int) -> float:
    """Return McNemar's exact two-sided p: changes for the worse and for the better are equally likely."""
    from scipy.stats import binomtest

    return float(binomtest(worse, worse + better, 0.5).pvalue) if worse + better else 1.0


def fewer_p(worse: int, better: int) -> float:
    """Return McNemar's exact one-sided p: no fewer cases fail than before."""
    from scipy.stats import binomtest

    if not worse + better:
        return 1.0
    return float(binomtest(better, worse + better, 0.5, alternative="greater").pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number by Holm's step-down method, in the order given."""
    corrected = [1.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected
