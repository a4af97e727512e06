"""CASPR."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.shampoo import Shampoo
from optbench.contract.components import State


@dataclass(frozen=True)
class CASPR(Shampoo):
    """Shampoo with its two sides added, not multiplied: a Kronecker sum, closer to full-matrix AdaGrad.

        J  = (P G + G Q) / 2        P = (L / s + eps I)^(-1/4), Q = (R / s + eps I)^(-1/4), as in "shampoo"
        D  = (P J + J Q) / 2
        m <- beta m + (1 - beta) D,  W <- W - lr m

    that is, (P^2 G + 2 P G Q + G Q^2) / 4. Without a past, L = G G' and R = G' G, it is U V' of G's singular value
    decomposition, as Shampoo is. L, R, s, vectors, `largest`, `graft`, roots and momentum as in "shampoo"; the paper's
    experiments have averages and a grafted length.
    """

    name = "caspr"
    reference = "Duvvuri et al. 2024, Combining Axes Preconditioners through Kronecker Approximation for Deep Learning"

    def combined(self, gradient: np.ndarray, roots: State) -> np.ndarray:
        step = added(gradient, roots)
        return added(step, roots) * 0.25 if len(roots) == 2 else step


def added(matrix: np.ndarray, roots: State) -> np.ndarray:
    """P G + G Q of the sides that there are; a side that is a vector is a matrix's diagonal."""
    left = roots["left"]
    found = left @ matrix if left.ndim == 2 else left[:, None] * matrix
    if "right" in roots:
        right = roots["right"]
        found += matrix @ right if right.ndim == 2 else matrix * right
    return found
