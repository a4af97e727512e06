"""Random Fourier features: coordinates as waves of fixed directions and lengths."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.layer import FixedOp, Layer, Op, Shape, Wires, memory


@dataclass(frozen=True)
class FourierFeatures(Layer):
    """y = [cos(2 pi x B), sin(2 pi x B)], B (inputs, waves) ~ N(0, scale^2) drawn from `seed`, and never trained.

    x (batch, inputs), y (batch, 2 waves). B is the same in every network, whatever a trial's seed. (Rahimi and Recht
    2007; Tancik et al. 2020.)
    """

    waves: int
    scale: float = 1.0
    seed: int = 0
    any_order = True
    reads_output = True

    def frequencies(self, inputs: int) -> np.ndarray:
        """B, (inputs, waves), float64."""
        return self.scale * np.random.default_rng(self.seed).standard_normal((inputs, self.waves))

    def output(self, shape: Shape) -> Shape:
        return (2 * self.waves,)

    def op(self, wires: Wires) -> Op:
        return FourierFeaturesOp(wires, self)


class FourierFeaturesOp(FixedOp):
    def __init__(self, wires: Wires, layer: FourierFeatures):
        super().__init__(wires)
        dtype, waves = wires.y.dtype, layer.waves
        stack, batch, inputs = wires.x.shape
        turns = (2 * np.pi * layer.frequencies(inputs)).astype(dtype)
        angle = np.zeros((stack, waves, batch), dtype)
        y = memory(wires.y)
        cosine, sine = y[:, :waves], y[:, waves:]
        self.ahead = [
            partial(np.matmul, turns.T, wires.x.swapaxes(1, 2), angle),
            partial(np.cos, angle, cosine),
            partial(np.sin, angle, sine),
        ]
        if wires.dx is None or wires.dy is None:
            return
        dy, other = memory(wires.dy), np.zeros_like(angle)
        # The angle is needed no more: its gradient takes its place.
        self.back = [
            partial(np.multiply, dy[:, waves:], cosine, angle),
            partial(np.multiply, dy[:, :waves], sine, other),
            partial(np.subtract, angle, other, angle),
            partial(np.matmul, turns, angle, memory(wires.dx)),
        ]
