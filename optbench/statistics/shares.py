"""What share a part has of a whole, both measured on the same seeds, with Fieller's interval."""

from collections.abc import Sequence

import numpy as np

from optbench.statistics.bootstrap import CONFIDENCE
from optbench.statistics.paired import standard_error


def share(
    part: Sequence[np.ndarray], whole: Sequence[np.ndarray], confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """(mean of the part / mean of the whole, low, high), means over workloads of means over seeds; an array a workload.

    The interval holds every share r that Student's test of "part - r whole has mean 0" does not refute (Fieller 1954,
    Some Problems in Interval Estimation):

        (a - r b)^2 <= t^2 (V_aa - 2 r V_ab + r^2 V_bb)

    with the (co)variances of the two means; t has the degrees of freedom of part - r whole at r = a / b. It speaks of
    the noise of both, which the quotient of an interval and a number would not. Ends are NaN where a workload has a
    single pair, and where the whole is not told from 0: then no share is refuted.
    """
    from scipy.special import stdtrit

    part, whole = ([np.asarray(group, dtype=float) for group in groups] for groups in (part, whole))
    a, b = (float(np.mean([group.mean() for group in groups])) for groups in (part, whole))
    nan = float("nan")
    if b == 0:
        return nan, nan, nan
    r = a / b + 0.0  # no -0
    if min(map(len, whole)) < 2:
        return r, nan, nan
    _, freedom = standard_error([x - r * y for x, y in zip(part, whole, strict=True)])
    if not freedom:  # the same share with every seed
        return r, r, r
    each = [np.cov(x, y) / len(x) for x, y in zip(part, whole, strict=True)]
    covariance = np.sum(each, axis=0) / len(whole) ** 2
    squared = float(stdtrit(freedom, (1 + confidence) / 2)) ** 2
    first = b**2 - squared * covariance[1, 1]
    second = a * b - squared * covariance[0, 1]
    third = a**2 - squared * covariance[0, 0]
    if first <= 0:
        return r, nan, nan
    half = float(np.sqrt(max(0.0, second**2 - first * third)))
    return r, float((second - half) / first), float((second + half) / first)
