"""Examples: what a dataset holds, and what a transform makes of a mini-batch."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from making.drawn import log, side_by_side
from optbench import Data, get

#: images in a row, and how many points or rows are shown at most
IMAGES, POINTS = 8, 800
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#b3a100", "#7b818b")


def dataset(made: Any) -> tuple[Figure, str]:
    data = made.load(np.random.default_rng(0))
    shape = data.x.shape[1:]
    count = f"{len(data.x):,} examples of shape {shape}"
    if data.edges is not None:
        told = f"One graph of {len(data.x)} nodes and {len(data.edges)} edges: who is joined to whom."
        return matrix(adjacency(data)), told
    if data.graphs:
        return images(data.x[:4, :, -data.x.shape[1] :, None], data.y[:4]), (
            f"{count}: the adjacency matrices of the first four graphs, with their class."
        )
    if len(shape) == 3 and shape[2] in (1, 3) and min(shape[:2]) > 2:
        return images(data.x[:IMAGES], data.y[:IMAGES]), f"{count}; the first {IMAGES}, with their target."
    if len(shape) == 1 and shape[0] == 64 and not data.vocabulary:
        return images(data.x[:IMAGES].reshape(-1, 8, 8, 1), data.y[:IMAGES]), f"{count}; the first {IMAGES} as images."
    if shape == (2,) and data.y.ndim == 1 and not data.vocabulary and not data.categories:
        return scatter(data), f"{count}; at most {POINTS} of them, colour is the target."
    if shape == (1,) and data.y.ndim == 1:
        return line(data), f"{count}: the target over the input."
    if data.vocabulary:
        told = f"{count}, tokens of a vocabulary of {data.vocabulary}: how often each is met, the commonest first."
        return tokens(data), told
    rows = data.x.reshape(len(data.x), -1)[:40]
    spread = rows.std(axis=0)
    shown = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return matrix(shown, "feature", "example"), f"{count}; the features of the first {len(rows)}, each standardized."


def images(x: np.ndarray, y: np.ndarray) -> Figure:
    def one(image: np.ndarray, target: Any) -> Any:
        def draw(axis: Any) -> None:
            low, high = image.min(), image.max()
            scaled = (image - low) / (high - low if high > low else 1)
            axis.imshow(scaled if image.shape[-1] == 3 else scaled[..., 0], cmap="gray", interpolation="nearest")
            axis.set_xticks([])
            axis.set_yticks([])
            axis.grid(visible=False)
            if np.ndim(target) == 0:
                axis.set_title(f"{target:g}")

        return draw

    return side_by_side([one(image, target) for image, target in zip(x, y, strict=True)], 1.4)


def scatter(data: Data) -> Figure:
    x, y = data.x[:POINTS], data.y[:POINTS]

    def draw(axis: Any) -> None:
        if np.issubdtype(y.dtype, np.integer) or len(np.unique(y)) <= len(COLORS):
            for number, value in enumerate(np.unique(y)):
                axis.plot(*x[y == value].T, ".", markersize=3.5, color=COLORS[number % len(COLORS)], label=f"{value:g}")
            axis.legend(title="target")
        else:
            axis.scatter(*x.T, c=y, s=6, cmap="viridis")
        axis.set(xlabel="first feature", ylabel="second feature")

    return side_by_side([draw], 3.8)


def line(data: Data) -> Figure:
    def draw(axis: Any) -> None:
        axis.plot(data.x[:POINTS, 0], data.y[:POINTS], ".", markersize=3.5, color=COLORS[0])
        axis.set(xlabel="input", ylabel="target")

    return side_by_side([draw])


def tokens(data: Data) -> Figure:
    counts = np.sort(np.bincount(data.x.astype(int).ravel(), minlength=data.vocabulary))[::-1]

    def draw(axis: Any) -> None:
        ranks, shown = np.arange(1, len(counts) + 1), np.maximum(counts, 0.5)
        axis.plot(ranks, shown, color=COLORS[0])
        axis.set(xlabel="rank of the token", ylabel="how often")
        log(axis, "x", ranks)
        log(axis, "y", shown)

    return side_by_side([draw])


def matrix(values: np.ndarray, across: str = "node", down: str = "node") -> Figure:
    def draw(axis: Any) -> None:
        axis.imshow(values, aspect="auto", cmap="viridis", interpolation="nearest")
        axis.set(xlabel=across, ylabel=down)
        axis.grid(visible=False)

    return side_by_side([draw], 3.4)


def adjacency(data: Data) -> np.ndarray:
    joined = np.zeros((len(data.x), len(data.x)))
    joined[data.edges[:, 0], data.edges[:, 1]] = joined[data.edges[:, 1], data.edges[:, 0]] = 1
    return joined


def transform(made: Any) -> tuple[Figure, str]:
    """Digits before and after it, and one example's targets where these are what it changes."""
    digits = get("digits").load(np.random.default_rng(0))
    x = digits.x[:IMAGES].reshape(-1, 8, 8, 1).astype(float) / 16
    y = np.eye(10)[digits.y[:IMAGES]]
    changed, targets = made.transform(x.copy(), y.copy(), np.random.default_rng(0))
    if not made.inputs:
        def bars(values: np.ndarray, label: str) -> Any:
            def draw(axis: Any) -> None:
                axis.bar(range(10), values, color=COLORS[0])
                axis.set(xlabel=f"class, {label}", ylabel="target", ylim=(0, 1.05))

            return draw

        return side_by_side([bars(y[0], "before"), bars(targets[0], "behind")]), "The targets of one digit."
    both = np.concatenate([x[:4], changed[:4]])
    labels = np.concatenate([digits.y[:4], digits.y[:4]])
    return images(both, labels), "Four digits as they are, and the same four as one mini-batch has them."
