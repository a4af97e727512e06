"""Layers that are written both ways: a plain layer, on copies, beside the op of the same layer.

`python -m asv_benchmarks.layers` in suites/ prints the ratios: the table of docs/layers.md.
"""

import timeit
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench.contract.layer import Layer, Parameter, Shape
from optbench.contract.plain_layer import PlainLayer
from optbench.nn.activations import Tanh
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.flatten import Flatten
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Graph, Network
from optbench.nn.rms_norm import RMSNorm


@dataclass(frozen=True)
class PlainTanh(PlainLayer):
    """y = tanh x."""

    def forward(self, x: np.ndarray, params: dict[str, np.ndarray]) -> tuple[np.ndarray, Any]:
        y = np.tanh(x)
        return y, y

    def backward(self, dy: np.ndarray, cache: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        return dy * (1 - cache * cache), {}


@dataclass(frozen=True)
class PlainRMSNorm(PlainLayer):
    """y = gamma x / sqrt(mean(x^2) + epsilon), over all features of each example."""

    epsilon: float = 1e-5

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return (Parameter("scale", shape[-1:], "scale"),)

    def forward(self, x: np.ndarray, params: dict[str, np.ndarray]) -> tuple[np.ndarray, Any]:
        axes = tuple(range(1, x.ndim))
        inverse = 1 / np.sqrt((x * x).mean(axis=axes, keepdims=True) + self.epsilon)
        hat = x * inverse
        return params["scale"] * hat, (hat, inverse, params["scale"])

    def backward(self, dy: np.ndarray, cache: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        hat, inverse, scale = cache
        g = scale * dy
        mean = (g * hat).mean(axis=tuple(range(1, hat.ndim)), keepdims=True)
        return inverse * (g - hat * mean), {"scale": (dy * hat).sum(axis=tuple(range(hat.ndim - 1)))}


LAYERS: dict[str, dict[str, Layer]] = {
    "tanh": {"op": Tanh(), "plain": PlainTanh()},
    "rms-norm": {"op": RMSNorm(), "plain": PlainRMSNorm()},
}
#: the layer's inputs, and what stands before it
PLACES: dict[str, tuple[Shape, tuple[Layer, ...]]] = {
    "64": ((64,), (Dense(64),)),
    "14x14x8": ((14, 14, 1), (Convolution(8),)),
}
BATCH = 64


def graph_of(layer: Layer, place: str, stack: int) -> Graph:
    """A small network with the layer in it, bound to one batch, and one pass made."""
    shape, before = PLACES[place]
    flat = (Flatten(),) if len(shape) > 1 else ()
    network = Network([*before, layer, *flat, Dense(10)], shape, SoftmaxCrossEntropy)
    rng = np.random.default_rng(0)
    params = (0.1 * rng.standard_normal((stack, network.layout.size))).astype(np.float32)
    graph = network.bind(params, np.zeros_like(params), network.initial_state(stack, params.dtype), BATCH)
    graph.x[...] = rng.standard_normal(graph.x.shape)
    graph.targets[...] = 1 / (10 * BATCH)
    graph.forward()
    graph.backward()
    return graph


class Passes:
    """Forward and backward of the layer alone, on 64 examples of each of so many stacked trials."""

    params = [list(LAYERS), ["op", "plain"], list(PLACES), [1, 16]]
    param_names = ["layer", "written", "features", "trials"]
    version = "1"
    repeat = (2, 8, 0.5)
    warmup_time = 0.05

    def setup(self, layer: str, written: str, features: str, trials: int) -> None:
        self.graph = graph_of(LAYERS[layer][written], features, trials)
        op = self.graph.ops[1]
        self.calls = [*op.forward_calls(True, True), *op.backward_calls()]

    def time_passes(self, layer: str, written: str, features: str, trials: int) -> None:
        for call in self.calls:
            call()


def microseconds(*case: Any) -> float:
    """The least time of the passes of one case."""
    bench = Passes()
    bench.setup(*case)
    timer = timeit.Timer(lambda: bench.time_passes(*case))
    number, _ = timer.autorange()
    return 1e6 * min(timer.repeat(7, number)) / number


def main() -> None:
    print("| layer | features | trials | op | plain | ratio |\n|---|---|---:|---:|---:|---:|")
    for layer in LAYERS:
        for features in PLACES:
            for trials in (1, 16):
                op, plain = (microseconds(layer, written, features, trials) for written in ("op", "plain"))
                print(f"| {layer} | {features} | {trials} | {op:.0f} us | {plain:.0f} us | {plain / op:.1f} |")


if __name__ == "__main__":
    main()
