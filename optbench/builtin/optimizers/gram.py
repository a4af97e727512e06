"""The sides of a tensor, and the Gram matrices of its gradients, which Shampoo and SOAP precondition with."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from optbench.contract.layout import Layout, Tensor


def sides(layout: "Layout", tensor: "Tensor") -> dict[str, int]:
    """The sides that are preconditioned, and their lengths: two of a matrix (see `Layout.matrix`), one of a vector.

    What has one row or one column is a vector, however many axes it has: (n,), (n, 1), (1, n), (1, 1, n). So it is
    where small axes are merged, as distributed Shampoo's code does by default, and SOAP's and PSGD's when asked.
    """
    rows, columns = layout.matrix(tensor)
    return {"left": tensor.size} if 1 in (rows, columns) else {"left": rows, "right": columns}


def shape(layout: "Layout", tensor: "Tensor", matrix: bool) -> tuple[int, int]:
    """The form that a tensor's gradient is preconditioned in: a vector is a column (n, 1).

    matrix   whether the state has two sides: so has that of a row or column in a checkpoint of an earlier optbench
    """
    return layout.matrix(tensor) if matrix else (tensor.size, 1)


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
