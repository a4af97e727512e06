"""No normalization: what the others are compared with."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optbench.builtin.normalizers.floats import floats
from optbench.contract.components import InputNormalizer


@dataclass(frozen=True)
class NoNormalizer(InputNormalizer):
    """x <- x; whole numbers as floats."""

    name = "none"
    reference = "the raw inputs"

    def fit(self, x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        return lambda x: x.astype(floats(x), copy=False)
