"""The max-norm constraint."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optbench.contract.components import Constraint
from optbench.contract.hyperparameters import hyper

if TYPE_CHECKING:
    from optbench.contract.layout import Layout


@dataclass(frozen=True)
class MaxNorm(Constraint):
    """||w_j|| <= limit, for the vector w_j of the weights that enter unit j; w_j <- w_j min(1, limit / ||w_j||).

    Of a convolution (3, 3, C, O) w_j are the 9 C weights of one output channel; of an embedding they are the vectors
    that are looked up, as in Srebro and Shraibman's factorizations. Biases are free.
    """

    name = "max-norm"
    reference = "Srebro and Shraibman 2005, Rank, trace-norm and max-norm; Srivastava et al. 2014, Dropout"

    limit: float = hyper(3.0, low=0.3, high=10.0, scale="log", valid="(0, inf)", priority=3)

    def project(self, params: np.ndarray, layout: "Layout") -> None:
        for tensor in layout:
            if tensor.role == "weight":
                incoming = params[tensor.slice].reshape(layout.matrix(tensor))
                if tensor.part == "embedding":
                    incoming = incoming.T
                with np.errstate(over="ignore"):
                    norms = np.sqrt(np.add.reduce(incoming * incoming, axis=0))
                greatest = np.maximum.reduce(norms, initial=0)
                if greatest == np.inf:  # squares that float32 cannot hold
                    norms = np.linalg.norm(incoming.astype(np.float64), axis=0)
                if not greatest <= self.limit:
                    incoming *= (self.limit / np.maximum(norms, self.limit)).astype(incoming.dtype)
