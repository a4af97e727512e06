"""One variable against another: a schedule's factor, a penalty's value and slope, when a rule stops."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from making.drawn import side_by_side
from optbench import Measurement, Progress, network

#: epochs, and steps of each
EPOCHS, EACH = 40, 10


def schedule(made: Any) -> tuple[Figure, str]:
    total = EPOCHS * EACH
    factors = [made.factor(Progress(step, total, EACH)) for step in range(total)]

    def draw(axis: Any) -> None:
        axis.plot(np.arange(total) / EACH, factors, color="#0072b2")
        axis.set(xlabel="epoch", ylabel="factor on the rate", ylim=(0, 1.05 * max(*factors, 1e-9)))

    return side_by_side([draw]), f"The factor over {EPOCHS} epochs of {EACH} steps, with its default settings."


def penalty(made: Any) -> tuple[Figure, str]:
    layout = network([1, 1], ["identity"], dtype="float64").layout
    weights = np.linspace(-2, 2, 201)
    values, slopes = [], []
    for w in weights:
        params, grads = np.zeros(layout.size), np.zeros(layout.size)
        params[layout.weights[0]] = w
        values.append(made.apply(params, grads, layout))
        slopes.append(float(grads[layout.weights[0]][0]))

    def value(axis: Any) -> None:
        axis.plot(weights, values, color="#0072b2")
        axis.set(xlabel="weight", ylabel="added to the loss")

    def slope(axis: Any) -> None:
        axis.plot(weights, slopes, color="#d55e00")
        axis.set(xlabel="weight", ylabel="added to its gradient")

    return side_by_side([value, slope]), "What one weight adds to the loss and to its own gradient, by default."


def stopping(made: Any) -> tuple[Figure, str]:
    """A validation loss that falls and rises again, as of a network that learns its examples by heart."""
    rng = np.random.default_rng(0)
    epochs = np.arange(60)
    losses = 0.35 + 0.65 * np.exp(-epochs / 6) + 0.004 * np.maximum(epochs - 18, 0) + rng.normal(0, 0.008, 60)
    history: list[Measurement] = []
    for epoch, loss in zip(epochs, losses, strict=True):
        history.append(measured(int(epoch), float(loss)))
        if made.stop(history):
            break
    kept = made.keep(history)

    def draw(axis: Any) -> None:
        axis.plot(epochs, losses, color="#bfc4cc", label="what would come")
        axis.plot(epochs[: len(history)], losses[: len(history)], color="#0072b2", label="until it stops")
        axis.plot(epochs[kept], losses[kept], marker="o", color="#d55e00", linestyle="none", label="what it keeps")
        axis.set(xlabel="epoch", ylabel="validation loss")
        axis.legend()

    return side_by_side([draw]), "On a made-up validation loss that falls, and rises again after 18 epochs."


def measured(epoch: int, loss: float) -> Measurement:
    nan = float("nan")
    return Measurement(epoch * EACH, epoch, epoch * EACH, nan, 1.0, loss, nan, loss, nan, nan)
