"""Distributions of activations layer by layer, as first weights of five sizes leave them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.contract.layer import unfolded
from optbench.lab.networks import network
from optbench.language import N_
from optbench.language import gettext as _
from optbench.nn.activations import ACTIVATIONS
from optbench.registry.registry import registry
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import facets
from optbench.report.pictures.strokes import stroke
from optbench.report.pictures.style import PALETTE, drawing
from optbench.report.words.numbers import number, share
from optbench.training.preparation import prepare
from optbench.training.split import Split

LAYERS, UNITS, EXAMPLES, BINS = 10, 64, 100, 31
#: {title: settings of the initializer}; 0.01 and 1 are those of the CS231n notes (Stanford 2016, lecture 5)
STARTS: Mapping[str, Mapping[str, Any]] = {
    N_("Zero"): {"name": "zeros"},
    N_("Small: N(0, 0.01²)"): {"name": "small-normal", "std": 0.01},
    N_("Glorot: N(0, 1/64)"): {"name": "glorot"},
    N_("He: N(0, 2/64)"): {"name": "he"},
    N_("Large: N(0, 1)"): {"name": "large-normal", "std": 1.0},
}
#: {activation: (its name in the picture, from where to where activations are shown)}
SHOWN = {"tanh": ("tanh", -1.0, 1.0), "relu": ("ReLU", 0.0, 4.0)}
#: of a ridge, where the next one is 1 above
HEIGHT = 0.88
#: where tanh has a twentieth of its slope at 0: 1 - 0.975²
SATURATED = 0.975


def examples() -> np.ndarray:
    """The first training examples of the digits, standardized: (EXAMPLES, 64)."""
    plugins = registry()
    digits = plugins.create("datasets", {"name": "digits"})
    standardize = plugins.create("normalizers", {"name": "standardize"})
    return prepare(digits, Split(), [standardize], np.float64).x_train[:EXAMPLES].reshape(EXAMPLES, -1)


def activations(x: np.ndarray, activation: str, start: Mapping[str, Any]) -> np.ndarray:
    """What ten layers of 64 units give for the examples, (layers, examples, units), with weights of one draw."""
    model = network([x.shape[1], *[UNITS] * LAYERS, 10], [activation] * LAYERS + ["softmax"], dtype="float64")
    params = model.draw(registry().create("initializers", start), seed=0)[None]
    # with gradients every layer keeps its outputs
    graph = model.network.bind(params, np.zeros_like(params), model.network.initial_state(1, model.dtype), len(x))
    graph.x[0][:, : x.shape[1]] = x
    graph.forward(training=False, fresh=True)
    pairs = zip(unfolded(model.network.layers), unfolded(graph.ops), strict=True)
    return np.array([op.wires.y[0] for layer, op in pairs if isinstance(layer, ACTIVATIONS[activation])])


def shares(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Shares of the values in BINS bins of one width between low and high; what lies beyond counts at the end."""
    counts, _ = np.histogram(np.clip(values, low, high), BINS, (low, high))
    return counts / values.size


def activation_spread() -> Figure:
    """A panel an activation and a start, with a ridge a layer: the histogram of its activations, the first at the top.

    Heights are roots of shares, each ridge's as a share of its highest: what is rare is seen beside what is frequent.
    """
    x = examples()
    with drawing():
        made, axes = facets(len(SHOWN) * len(STARTS), 2.6, columns=len(STARTS))
        for place, axis in enumerate(axes):
            row, column = divmod(place, len(STARTS))
            activation = list(SHOWN)[row]
            name, low, high = SHOWN[activation]
            title, start = list(STARTS.items())[column]
            feet = np.arange(1, LAYERS + 1.0)
            gap = np.full(LAYERS, np.nan)
            stroke(
                axis, np.tile([low, high, np.nan], LAYERS), np.column_stack([feet, feet, gap]).ravel(),
                color=PALETTE[column], linewidth=0.6,
            )  # fmt: skip
            for layer, values in enumerate(activations(x, activation, start), 1):
                _ridge(axis, layer, values, (low, high), PALETTE[column])
            margin = 0.03 * (high - low)
            axis.set(xlim=(low - margin, high + margin), ylim=(LAYERS + 0.3, 0))
            axis.set_title(_(title) if not row else "")
            axis.set_xticks([-1, 0, 1] if low < 0 else [0, 2, 4], ["−1", "0", "1"] if low < 0 else ["0", "2", "≥ 4"])
            axis.set_yticks([1, 4, 7, 10])
            axis.set_xlabel(_("{name} activation").format(name=name))
            if column:
                axis.tick_params(labelleft=False)
            else:
                axis.set_ylabel(_("layer"))
            axis.grid(axis="y", visible=False)
        return made


def _ridge(axis: Axes, layer: int, values: np.ndarray, ends: tuple[float, float], color: str) -> None:
    found = np.sqrt(shares(values, *ends))
    # two corners a bin, without those that lie on a line: an outline of few letters
    across = np.repeat(np.linspace(*ends, BINS + 1), 2)
    up = np.concatenate([[layer], np.repeat(layer - HEIGHT * found / found.max(), 2), [layer]])
    corner = np.concatenate([[True], (np.diff(up)[:-1] != 0) | (np.diff(up)[1:] != 0), [True]])
    ridge = axis.fill(across[corner], up[corner], color=color, linewidth=0)
    if ends[0] < 0:
        said = _("layer {layer}: standard deviation {std}, {share} beyond ±{end}")
        part = np.abs(values) > SATURATED
    else:
        said = _("layer {layer}: standard deviation {std}, {share} are 0")
        part = values == 0
    std = number(float(values.std()))
    mark(ridge, "", said.format(layer=layer, std=std, share=share(part.mean()), end=SATURATED))
