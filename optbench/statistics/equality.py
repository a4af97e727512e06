"""Equal within a margin: two one-sided tests (Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics 15:657).

A difference that is not found is no equality. Equality is a finding of its own: that the difference lies within a
margin beyond which it would matter, which the suite states beforehand. With differences d and margin m, both of

    the mean is m or more,    the mean is -m or less

are refuted, each by a one-sided test at alpha; no correction is needed for the two, since at most one is true. It is
the same as saying that the 1 - 2 alpha interval lies within -m ... m.

**One word a comparison** follows from the p of the difference and the p of equality, each corrected for the number of
comparisons in the question:

    equal              p_equal <= alpha
    faster, slower     else, where p <= alpha, by the sign of the effect (`better`, `worse` of results)
    undecided          else

`equal` comes first: a difference that is surely smaller than the margin is of no interest, however surely it is there;
and a word does not turn from `faster` to `equal` as seeds are added. Whatever the truth, only one of the two kinds of
words is false of a comparison: where there is no difference, `equal` is true; where there is one beyond the margin, it
is false. Each kind is spoken falsely anywhere in a question in at most alpha of cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from optbench.statistics.flips import DRAWS, TIE, patterns, statistics
from optbench.statistics.holm import ALPHA
from optbench.statistics.paired import standard_error

Word = Literal["faster", "slower", "better", "worse", "equal", "undecided"]


@dataclass(frozen=True)
class Equality:
    """p   of the two one-sided tests, the larger: Student's, with which sign flips must agree
    low, high   the 1 - 2 alpha interval, which p follows; NaN of a single pair
    """

    p: float
    low: float
    high: float


def log_margin(share: float) -> float:
    """The margin of logarithms of ratios that a share stands for: within 5 % is a ratio between 1 / 1.05 and 1.05."""
    return float(np.log1p(share))


def equality(
    bounds: Sequence[np.ndarray], margin: float, alpha: float = ALPHA, draws: int = DRAWS
) -> Equality:
    """Whether the mean over workloads of mean differences lies within +-margin.

    bounds   a workload each: (2, pairs), the differences as they count against -margin and against +margin
             (`Paired.bounds`); twice the same where nothing was missed

    Fewer than two pairs on a workload say nothing: p is 1. ValueError where the margin is not above 0.
    """
    if not margin > 0:
        raise ValueError(f"margin: {margin}; expected a number above 0")
    from scipy.special import stdtrit

    below, above = ([np.asarray(b, dtype=float)[side] for b in bounds] for side in (0, 1))
    if min(map(len, below)) < 2:
        return Equality(1.0, float("nan"), float("nan"))
    low = _mean(below)
    high = low if all(map(np.array_equal, below, above)) else _mean(above)
    p = max(_student(low[0] + margin, *low[1:]), _student(margin - high[0], *high[1:]))
    if p <= alpha:
        p = max(p, one_sided([g + margin for g in below], draws), one_sided([margin - g for g in above], draws))
    ends = [mean + sign * float(stdtrit(freedom, 1 - alpha)) * error if freedom else mean
            for sign, (mean, error, freedom) in ((-1, low), (1, high))]  # fmt: skip
    return Equality(p, *ends)


def _mean(groups: list[np.ndarray]) -> tuple[float, float, float]:
    """(mean over workloads of their means, its standard error, degrees of freedom), as in `paired_effect`."""
    return float(np.mean([group.mean() for group in groups])), *standard_error(groups)


def _student(mean: float, error: float, freedom: float) -> float:
    """One-sided p that a mean is 0 or less: Student's with Satterthwaite's degrees of freedom."""
    from scipy.special import stdtr

    if not error:
        return 0.0 if mean > 0 else 0.5 if mean == 0 else 1.0
    return float(stdtr(freedom, -mean / error))


def one_sided(groups: Sequence[np.ndarray], draws: int = DRAWS) -> float:
    """p that the mean over workloads of mean differences is 0 or less, by studentized sign flips (`flips`)."""
    columns = [np.asarray(group, dtype=float)[:, None] for group in groups]
    signs, _ = patterns([len(group) for group in columns], draws)
    seen = statistics(columns)[0]
    flipped = statistics(columns, signs)[:, 0]
    return float(np.mean(flipped >= seen - TIE * abs(seen)))


def word(effect: float, p: float, p_equal: float, lower: bool, alpha: float = ALPHA) -> Word:
    """The word on a comparison from its corrected p; see the module's text.

    lower   whether lower is better and the words are those of times: faster, slower; else better, worse
    """
    if p_equal <= alpha:
        return "equal"
    if p <= alpha and effect:
        if lower:
            return "faster" if effect < 0 else "slower"
        return "better" if effect > 0 else "worse"
    return "undecided"
