"""CASPR."""

from dataclasses import dataclass

import numpy as np

from optbench.builtin.optimizers.gram import shape
from optbench.builtin.optimizers.shampoo import Shampoo
from optbench.contract.components import State
from optbench.contract.context import Context


@dataclass(frozen=True)
class CASPR(Shampoo):
    """Shampoo with its two sides added, not multiplied: a Kronecker sum, closer to full-matrix AdaGrad.

        L <- L + G G',  R <- R + G' G        L = R = eps I at the start
        J  = (L^(-1/4) G + G R^(-1/4)) / 2
        m <- beta m + (1 - beta) (L^(-1/4) J + J R^(-1/4)) / 2        m = 0 at the start
        W <- W - lr m

    that is, (L^(-1/2) G + 2 L^(-1/4) G R^(-1/4) + G R^(-1/2)) / 4. Without a past, L = G G' and R = G' G, it is U V' of
    G's singular value decomposition, as Shampoo is. Matrices, vectors, `largest` and momentum as in "shampoo"; the
    paper's experiments have decaying sums and a grafted length.

    The roots are computed anew in each of the first `every` steps, then every `every` steps: what the first gradients
    did not show is multiplied by eps^(-1/2), on either side alone, until the next roots know of it.
    """

    name = "caspr"
    reference = (
        "Duvvuri et al. 2024, Combining Axes Preconditioners through Kronecker Approximation for Deep Learning"
    )

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        renew = state["t"] < self.every or state["t"] % self.every == 0
        state["t"] += 1
        for tensor in context.layout:
            both, roots = state["gram"][tensor.name], state["roots"][tensor.name]
            gradient = grads[tensor.slice].reshape(shape(context.layout, tensor, len(both) == 2))
            self.accumulate(gradient, both, roots, renew)
            step = combined(roots, gradient)
            if len(roots) == 2:
                step = combined(roots, step)
                step *= 0.25
            grads[tensor.slice] = step.reshape(-1)
        self.descend(params, grads, state, self.lr * context.factor)


def combined(roots: State, matrix: np.ndarray) -> np.ndarray:
    """P G + G Q of the sides that there are; a side that is a vector is a matrix's diagonal."""
    left = roots["left"]
    found = left @ matrix if left.ndim == 2 else left[:, None] * matrix
    if "right" in roots:
        right = roots["right"]
        found += matrix @ right if right.ndim == 2 else matrix * right
    return found
