"""The Gram matrices of a weight's gradients, which Shampoo and SOAP precondition with."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optbench.contract.layout import Layout, Tensor


def shape(layout: "Layout", tensor: "Tensor") -> tuple[int, int]:
    """The tensor as a matrix: `Layout.matrix`, but a vector (n,) is a column (n, 1)."""
    return layout.matrix(tensor) if len(tensor.shape) > 1 else (tensor.size, 1)


def sides(layout: "Layout", tensor: "Tensor") -> dict[str, int]:
    """The sides that have a Gram matrix, and their lengths: two of a matrix, the only one of a vector."""
    rows, columns = shape(layout, tensor)
    return {"left": rows, "right": columns} if len(tensor.shape) > 1 else {"left": rows}


def outer(gradient: np.ndarray, side: str) -> np.ndarray:
    """G G' for the left side, G' G for the right."""
    return gradient @ gradient.T if side == "left" else gradient.T @ gradient


def eigen(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Eigenvalues, the largest first, and their vectors as columns; None where the matrix is not finite.

    LAPACK raises on NaN, but a training that diverged is an outcome, not an error.
    """
    if not np.isfinite(gram).all():
        return None
    values, vectors = np.linalg.eigh(gram)
    return values[::-1], np.ascontiguousarray(vectors[:, ::-1])
