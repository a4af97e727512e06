"""The exponentially weighted average, by itself: what momentum and Adam do to gradients, for any series."""

import numpy as np

from optbench.contract.hyperparameters import ComponentError


def exponentially_weighted_average(
    values: np.ndarray, beta: float, bias_correction: bool = True
) -> np.ndarray:
    """The exponentially weighted average of a series, along its first axis.

        V(0) = 0,  V(t) = beta V(t-1) + (1 - beta) x(t),  t = 1, 2, ...

    The first V are too small, since V(0) is 0: the weights of the x so far add up to 1 - beta^t only. With
    `bias_correction` the result is V(t) / (1 - beta^t), in which they add up to 1.

    values    (steps, ...), numbers
    beta      in [0, 1); the average reaches back over about `window(beta)` values
    returns   float64, of the same shape: entry t - 1 is the average of the first t values

    Raises ComponentError (a ValueError) for a beta outside [0, 1) and for values without an axis.
    Source: Kingma and Ba 2015, Adam, section 3.

    >>> exponentially_weighted_average(np.array([1.0, 1.0]), 0.5, bias_correction=False).tolist()
    [0.5, 0.75]
    >>> exponentially_weighted_average(np.array([1.0, 1.0]), 0.5).tolist()
    [1.0, 1.0]
    """
    _check(beta)
    x = np.asarray(values, dtype=np.float64)
    if x.ndim == 0:
        raise ComponentError("values must have an axis of steps, got a single number")
    averages = np.empty_like(x)
    average = np.zeros(x.shape[1:])
    for number, value in enumerate(x):
        average = beta * average + (1 - beta) * value
        averages[number] = average
    if bias_correction:
        steps = np.arange(1, len(x) + 1).reshape(-1, *[1] * (x.ndim - 1))
        averages /= 1 - float(beta) ** steps
    return averages


def window(beta: float) -> float:
    """1 / (1 - beta): over about how many of the latest values the average with this beta reaches.

    A value that is so many steps old has about 1/e of the newest one's weight, since beta^(1 / (1 - beta)) ->
    1/e.

    >>> round(window(0.9), 12)
    10.0
    """
    _check(beta)
    return 1 / (1 - beta)


def _check(beta: float) -> None:
    if not 0 <= beta < 1:
        raise ComponentError(f"beta must be in [0, 1), got {beta!r}")
