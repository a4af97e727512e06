"""Components whose layer is wrong in one way each."""

from dataclasses import dataclass

import numpy as np

from optbench import (
    HiddenNormalizer,
)
from optbench.contract.layer import Layer, Op


def made(base, **members):
    """A frozen dataclass of this kind with these methods."""
    names = {"__doc__": "its formula", "name": "wrong", "reference": "Nobody 1900", **members}
    return dataclass(frozen=True)(type("Wrong", (base,), names))


def layered(op, base=HiddenNormalizer, **members):
    """A component whose layer has this op."""
    names = {"op": lambda self, wires: op(wires), "initial": lambda self, shape: {}, **members}
    layer = dataclass(frozen=True)(type("WrongLayer", (Layer,), names))
    return made(base, layer=lambda self, features: layer())


class Doubles(Op):
    """y = 2 x: right."""

    def forward(self, training, fresh):
        np.multiply(self.wires.x, 2.0, out=self.wires.y)

    def backward(self):
        np.multiply(self.wires.dy, 2.0, out=self.wires.dx)


class WrongBackward(Doubles):
    def backward(self):
        self.wires.dx[...] = self.wires.dy


class InDouble(Doubles):
    def forward(self, training, fresh):
        np.multiply(self.wires.x, np.float64(2), out=self.wires.y)


class Spread(Doubles):
    """Over the batch, without an epsilon."""

    def forward(self, training, fresh):
        x = self.wires.x
        self.wires.y[...] = x / x.std(axis=1, keepdims=True) if training else x


class Largest(Doubles):
    def forward(self, training, fresh):
        self.wires.y[...] = self.wires.x / np.abs(self.wires.x).max(axis=-1, keepdims=True)


class Noise(Doubles):
    """Noise that is drawn always."""

    def forward(self, training, fresh):
        self.wires.y[...] = self.wires.x + self.wires.rngs[0].normal(size=self.wires.x.shape)


class FreshNoise(Doubles):
    def forward(self, training, fresh):
        super().forward(training, fresh)
        if training:
            for row, rng in zip(self.wires.y, self.wires.rngs, strict=True):
                row += rng.normal(size=row.shape)


class Counts(Doubles):
    """Running statistics that move with every pass."""

    def forward(self, training, fresh):
        super().forward(training, fresh)
        if self.when(training):
            self.wires.state["mean"] += 1

    def when(self, training):
        return True


class CountsInTraining(Counts):
    def when(self, training):
        return training


class OverTheStack(Doubles):
    def forward(self, training, fresh):
        self.wires.y[...] = self.wires.x - self.wires.x.mean(axis=(0, 1), keepdims=True)


MEAN = {"initial": lambda self, shape: {"mean": np.zeros(3)}}
