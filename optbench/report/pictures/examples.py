"""Some examples of a dataset, drawn."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from optbench.contract.dataset import CLASSIFYING, Dataset
from optbench.contract.errors import OptbenchError
from optbench.report.pictures.style import MUTED, PALETTE, settings
from optbench.training.preparation import Prepared, prepare
from optbench.training.split import Split

FORMATS = (".png", ".svg", ".pdf")
IMAGES, POINTS, HISTOGRAMS = 24, 1000, 12


def draw_examples(dataset: Dataset, path: Path) -> None:
    """Write a picture of examples of the training split: images, points of the plane, tokens, or distributions.

    Raises `OptbenchError` for an ending that is no picture's, and where the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise OptbenchError(f"--out {path}: a picture ends in {', '.join(FORMATS)}")
    data = prepare(dataset, Split(), dtype=np.float64)
    with matplotlib.rc_context(settings()):
        figure = _drawn(data)
        figure.suptitle(dataset.name)
        try:
            figure.savefig(path)
        except OSError as error:
            raise OptbenchError(f"--out {path} cannot be written: {error.strerror or error}") from None


def _drawn(data: Prepared) -> Figure:
    if len(data.shape) == 3:
        return _images(data)
    if data.vocabulary:
        return _tokens(data)
    if len(data.shape) == 1 and data.shape[0] == 2 and data.task in CLASSIFYING:
        return _plane(data)
    return _distributions(data)


def _label(data: Prepared, row: int) -> str:
    y = data.y_train[row]
    if data.task not in CLASSIFYING:
        return ""
    return str(int(y.argmax()) if len(y) > 1 else int(y[0]))


def _images(data: Prepared) -> Figure:
    figure = Figure(figsize=(8, 4.4), layout="constrained")
    count = min(IMAGES, len(data.x_train))
    for number, axes in enumerate(figure.subplots(3, 8).flat):
        axes.set_axis_off()
        if number < count:
            image = data.x_train[number]
            low, high = image.min(), image.max()
            shown = (image - low) / max(high - low, 1e-12)
            axes.imshow(shown if shown.shape[-1] == 3 else shown.mean(axis=-1), cmap="gray")
            axes.set_title(_label(data, number), fontsize="small")
    return figure


def _plane(data: Prepared) -> Figure:
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.subplots()
    labels = np.array([_label(data, row) for row in range(min(POINTS, len(data.x_train)))])
    for number, label in enumerate(np.unique(labels)):
        at = data.x_train[: len(labels)][labels == label]
        color = PALETTE[number % len(PALETTE)]
        axes.plot(*at.T, "o", color=color, markersize=3, alpha=0.7, label=f"class {label}")
    axes.set(xlabel="x0", ylabel="x1")
    axes.legend()
    return figure


def _tokens(data: Prepared) -> Figure:
    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    left.imshow(data.x_train[:IMAGES], aspect="auto", interpolation="nearest", cmap="viridis")
    left.set(xlabel="position", ylabel="example", title="tokens")
    left.grid(False)
    for axis in (left.xaxis, left.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    counts = np.sort(np.bincount(data.x_train.astype(int).ravel(), minlength=data.vocabulary))[::-1]
    right.plot(np.arange(1, len(counts) + 1), np.where(counts > 0, counts, np.nan), "o-", ms=3, color=PALETTE[0])
    right.set(xlabel="rank of a token", ylabel="how often", xscale="log", yscale="log", title="frequencies")
    return figure


def _distributions(data: Prepared) -> Figure:
    flat = data.x_train.reshape(len(data.x_train), -1)
    names = [n for n in data.provenance.get("features", "").split(", ") if n]
    if len(names) != flat.shape[1]:
        names = [f"x{k}" for k in range(flat.shape[1])]
    count = min(HISTOGRAMS, flat.shape[1])
    columns = min(4, count)
    rows = -(-count // columns)
    figure = Figure(figsize=(2.2 * columns, 1.8 * rows), layout="constrained")
    grid: Any = np.atleast_1d(figure.subplots(rows, columns))
    for number, axes in enumerate(grid.flat):
        if number >= count:
            axes.set_axis_off()
            continue
        axes.hist(flat[:, number], bins=30, color=PALETTE[0])
        axes.set_title(names[number], fontsize="small")
        axes.set_yticks([])
        axes.tick_params(labelsize="small", colors=MUTED)
    return figure
