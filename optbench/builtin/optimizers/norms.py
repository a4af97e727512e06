"""Euclidean norms that neither overflow nor vanish in float32."""

from math import isfinite, sqrt

import numpy as np

#: Below it a sum of squares may have lost its small terms in float32.
SMALL = 1e-30


def norm(vector: np.ndarray) -> float:
    """The Euclidean norm of a vector (n,) as a Python float.

    Squares of float32 numbers overflow above 1e19 and vanish below 1e-23: then they are summed in float64.
    """
    with np.errstate(over="ignore", under="ignore"):
        squares = float(np.dot(vector, vector))
    if isfinite(squares) and squares > SMALL:
        return sqrt(squares)
    wide = vector.astype(np.float64)
    return sqrt(float(np.dot(wide, wide)))
