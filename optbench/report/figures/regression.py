"""Linear regression with two weights, and descent on it: surfaces and paths that lessons draw."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from optbench.report.pictures.style import INK, MUTED


@dataclass(frozen=True)
class Regression:
    """The cost J(w) = |x w - y|² / (2 m) of m examples; x is (m, 2), y (m,)."""

    x: np.ndarray
    y: np.ndarray

    def gradient(self, w: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        x, y = self.x[rows], self.y[rows]
        return np.asarray(x.T @ (x @ w - y) / len(x))

    @property
    def hessian(self) -> np.ndarray:
        return np.asarray(self.x.T @ self.x / len(self.x))

    @property
    def minimum(self) -> np.ndarray:
        return np.asarray(np.linalg.solve(self.hessian, self.x.T @ self.y / len(self.x)))

    def best_rate(self) -> float:
        """The constant rate at which descent's slower direction shrinks fastest, 2 / (smallest + largest curvature)."""
        low, high = np.linalg.eigvalsh(self.hessian)
        return float(2 / (low + high))

    def path(self, start: np.ndarray, rate: float, batches: list[np.ndarray]) -> np.ndarray:
        """Weights (steps + 1, 2) of descent from `start`, a step for each array of row numbers."""
        path = [np.array(start, dtype=float)]
        for rows in batches:
            path.append(path[-1] - rate * self.gradient(path[-1], rows))
        return np.array(path)


def contoured(axis: Axes, cost: Regression, x: tuple[float, float], y: tuple[float, float], levels: int = 12) -> None:
    """Contours of the cost, evenly in its root, so that a bowl's are equally far apart; a star at the minimum."""
    across, up = np.linspace(*x, 121), np.linspace(*y, 121)
    away = np.stack(np.meshgrid(across, up), axis=-1) - cost.minimum
    height = np.sqrt(np.einsum("...i,ij,...j", away, cost.hessian, away) / 2)
    axis.contour(across, up, height, levels=levels, colors=MUTED, linewidths=0.6, alpha=0.7)
    axis.plot(*cost.minimum, marker="*", color=INK, markersize=11, linestyle="none", zorder=5)
    axis.set_xlim(x)
    axis.set_ylim(y)
    axis.set_xlabel("w₁")
    axis.set_ylabel("w₂")
