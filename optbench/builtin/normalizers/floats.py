"""The dtype that normalized inputs have."""

import numpy as np


def floats(x: np.ndarray) -> np.dtype:
    """That of x, where it has fractions; float64 for whole numbers, which would cut them off."""
    return x.dtype if np.issubdtype(x.dtype, np.floating) else np.dtype(np.float64)
