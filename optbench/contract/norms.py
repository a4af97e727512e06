"""Products and norms of vectors that neither overflow nor vanish in float32."""

from math import isfinite, sqrt

import numpy as np

#: Below it a sum of squares may have lost its small terms in float32.
SMALL = 1e-30


def dot(one: np.ndarray, other: np.ndarray) -> float:
    """The inner product of two vectors (n,) as a Python float; summed in float64 where float32 cannot hold it."""
    with np.errstate(over="ignore", invalid="ignore"):
        product = float(np.dot(one, other))
    return product if isfinite(product) else wide(one, other)


def squares(vector: np.ndarray) -> float:
    """The sum of the squares of a vector (n,) as a Python float.

    Squares of float32 numbers overflow above 1.8e19 and vanish below 1e-23: then they are summed in float64.
    """
    with np.errstate(over="ignore", under="ignore"):
        total = float(np.dot(vector, vector))
    return total if isfinite(total) and total > SMALL else wide(vector, vector)


def norm(vector: np.ndarray) -> float:
    """The Euclidean norm of a vector (n,) as a Python float, of float32 numbers of any size."""
    return sqrt(squares(vector))


def wide(one: np.ndarray, other: np.ndarray) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.dot(one.astype(np.float64), other.astype(np.float64)))
