"""A small network whose hidden units stay equal from zero weights, beside one that starts at random."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from optbench.lab.fitting import fit
from optbench.lab.networks import network
from optbench.language import N_
from optbench.language import gettext as _
from optbench.registry.registry import registry
from optbench.report.pictures.marks import mark
from optbench.report.pictures.panels import facets
from optbench.report.pictures.style import INK, MUTED, PALETTE, PAPER, drawing
from optbench.report.words.numbers import number
from optbench.training.preparation import prepare
from optbench.training.split import Split

#: of 100 examples 49 are of one class: of equal classes the first gradient would be but rounding errors
EXAMPLES, UNITS, STEPS, RATE = 100, 4, 500, 0.05
STARTS = {N_("Zero"): "zeros", N_("Random"): "glorot"}
POSITIVE, NEGATIVE = PALETTE[:2]
#: points of the lines of the smallest and the largest weight; one of 0 is dotted
WIDTHS = 0.7, 7.0
#: where nodes stand: inputs, hidden units, output
INPUTS = [(0.0, 2.0), (0.0, 1.0)]
HIDDEN = [(1.0, 3.0 - k) for k in range(UNITS)]
OUTPUT = (2.0, 1.5)


@dataclass(frozen=True)
class Weights:
    """Those of a 2-4-1 network at one moment, with the share of the examples that it tells right.

    first, second   (2, units) and (units,)
    """

    first: np.ndarray
    second: np.ndarray
    accuracy: float

    @property
    def different(self) -> int:
        """How many of the units differ, to the bit: by what comes in and goes out."""
        return len(np.unique(np.vstack([self.first, self.second]), axis=1).T)


def examples() -> tuple[np.ndarray, np.ndarray]:
    """The first training examples of the two moons, standardized: (EXAMPLES, 2), and their classes (EXAMPLES,)."""
    moons = registry().create("datasets", {"name": "two-moons"})
    standardize = registry().create("normalizers", {"name": "standardize"})
    data = prepare(moons, Split(), [standardize], np.float64)
    return data.x_train[:EXAMPLES], data.y_train[:EXAMPLES].reshape(-1)


def before_and_after(start: str) -> tuple[Weights, Weights]:
    """A sigmoid network on the two moons, with this initializer and after STEPS steps of Adam on all examples.

    Sigmoid units, since of others that are 0 at 0 no zero weight would move at all.
    """
    plugins, (x, y) = registry(), examples()
    model = network([2, UNITS, 1], ["sigmoid", "sigmoid"], dtype="float64")
    first = model.draw(plugins.create("initializers", {"name": start}), seed=0)
    adam = plugins.create("optimizers", {"name": "adam", "lr": RATE})

    def at(steps: int) -> Weights:
        found = fit(model, x, y, adam, steps=steps, params=first)
        tensors = [np.array(t) for t in model.views(found.params).values()]
        right = (found.predict(x).reshape(-1) > 0.5) == (y > 0.5)
        return Weights(tensors[0], tensors[2].reshape(-1), float(right.mean()))

    return at(0), at(STEPS)


def symmetric_units() -> Figure:
    """The network before and after training from zero and from random weights: widths are sizes, colours signs."""
    found = {name: before_and_after(start) for name, start in STARTS.items()}
    scale = max(np.abs(np.concatenate([w.first.ravel(), w.second])).max() for pair in found.values() for w in pair)
    with drawing():
        made, axes = facets(4, 3.1, columns=4, extra=0.35)
        panels = [(name, place, weights) for name, pair in found.items() for place, weights in enumerate(pair)]
        for axis, (name, place, weights) in zip(axes, panels, strict=True):
            _draw(axis, weights, scale)
            when = _("{start}, after {steps} steps") if place else _("{start}, before")
            alike = (
                _("4 equal units, accuracy {accuracy}")
                if weights.different == 1
                else _("{count} different units, accuracy {accuracy}")
            ).format(count=weights.different, accuracy=f"{weights.accuracy:.2f}")
            axis.set_title(f"{when.format(start=_(name), steps=STEPS)}\n{alike}")
        sizes = [size for size in (1, 10) if size < scale]
        handles = [
            Line2D([], [], color=POSITIVE, linewidth=3, label=_("positive weight")),
            Line2D([], [], color=NEGATIVE, linewidth=3, label=_("negative weight")),
            Line2D([], [], color=MUTED, linewidth=1, linestyle=":", label="0"),
            *(
                Line2D([], [], color=MUTED, linewidth=_width(s, scale), label=_("of size {size}").format(size=s))
                for s in sizes
            ),
        ]
        made.legend(handles=handles, loc="outside upper left", ncols=len(handles))
        return made


def _width(size: float, largest: float) -> float:
    return float(np.interp(size, [0, largest], WIDTHS))


def _draw(axis: Axes, weights: Weights, scale: float) -> None:
    for unit, here in enumerate(HIDDEN):
        for k, there in enumerate(INPUTS):
            told = _("weight from x{input} to unit {unit}: {value}")
            _weight(axis, there, here, float(weights.first[k, unit]), scale, told, input=k + 1, unit=unit + 1)
        told = _("weight from unit {unit} to the output: {value}")
        _weight(axis, here, OUTPUT, float(weights.second[unit]), scale, told, unit=unit + 1)
    nodes = {"x₁": INPUTS[0], "x₂": INPUTS[1], **{str(k + 1): at for k, at in enumerate(HIDDEN)}, "ŷ": OUTPUT}
    for text, (x, y) in nodes.items():
        axis.plot([x], [y], marker="o", markersize=17, markerfacecolor=PAPER, color=INK, markeredgewidth=1, zorder=3)
        axis.text(x, y, text, ha="center", va="center", zorder=4)
    axis.set(xlim=(-0.25, 2.25), ylim=(-0.4, 3.4), facecolor="none")
    axis.set_xticks([])
    axis.set_yticks([])
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)


def _weight(
    axis: Axes, there: tuple[float, float], here: tuple[float, float], weight: float, scale: float, told: str, **at: int
) -> None:
    if weight:
        color = POSITIVE if weight > 0 else NEGATIVE
        line = axis.plot(*zip(there, here, strict=True), color=color, linewidth=_width(abs(weight), scale))
    else:
        line = axis.plot(*zip(there, here, strict=True), color=MUTED, linewidth=1, linestyle=":")
    mark(line, "", told.format(value=number(weight), **at))
