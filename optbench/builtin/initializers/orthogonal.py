"""Orthogonal initialization."""

from dataclasses import dataclass
from math import prod

import numpy as np

from optbench.builtin.initializers.variance import VarianceLaw
from optbench.contract.hyperparameters import hyper


@dataclass(frozen=True)
class Orthogonal(VarianceLaw):
    """A matrix with orthonormal rows or columns, whichever are fewer, drawn uniformly, times `gain`.

    Lengths pass unchanged through a deep linear network; gain = sqrt(2) makes up for relus. A convolution (3,
    3, C, O) is a matrix (9 C, O). The draw is the Q of a normal matrix's QR decomposition, its columns' signs
    taken from R's diagonal: without that it is not uniform (Mezzadri 2007).
    """

    name = "orthogonal"
    reference = "Saxe, McClelland and Ganguli 2014, Exact Solutions to the Nonlinear Dynamics of Learning"
    gain: float = hyper(1.0, low=0.1, high=10, scale="log", valid="[0, inf)", help="factor on the matrix")

    def variance(self, fan_in: int, fan_out: int) -> float:
        """gain^2 / max(rows, columns), for a dense layer's matrix of fan_in rows and fan_out columns."""
        return self.gain**2 / max(fan_in, fan_out)

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
        rows, columns = (prod(shape[:-1]), shape[-1]) if shape else (1, 1)
        long, short = max(rows, columns), min(rows, columns)
        q, r = np.linalg.qr(rng.standard_normal((long, short)))
        q *= np.where(np.diagonal(r) < 0, -self.gain, self.gain)
        return np.ascontiguousarray(q if rows >= columns else q.T).reshape(shape)
