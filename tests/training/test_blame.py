"""Whom a failure is laid to: the innermost component, its stage, the reason, in one line."""

from dataclasses import dataclass

import pytest

from optbench import Initializer, Optimizer, Penalty
from optbench.contract.layer import Layer
from optbench.training.blame import blame


@dataclass(frozen=True)
class Inner(Optimizer):
    name = "inner"

    def init(self, params, layout):
        raise KeyError("momentum")

    def step(self, params, grads, state, context):
        self.helper()

    def helper(self):
        raise ValueError("no luck\nsecond line")


@dataclass(frozen=True)
class Wrapper(Optimizer):
    name = "wrapper"
    inner: Optimizer = Inner()

    def init(self, params, layout):
        return self.inner.init(params, layout)

    def step(self, params, grads, state, context):
        self.inner.step(params, grads, state, context)


@dataclass(frozen=True)
class Pull(Penalty):
    name = "pull"

    def apply(self, params, grads, layout):
        raise RuntimeError


@dataclass(frozen=True)
class Draws(Initializer):
    name = "draws"

    def draw(self, shape, fan_in, fan_out, rng):
        raise TypeError("not so")


class Broken(Layer):
    def op(self, wires):
        raise IndexError("too far")


def plain():
    raise OSError("disk")


@pytest.mark.parametrize(
    ("call", "step", "expected"),
    [
        (lambda: Inner().step(0, 0, {}, 0), 100, "optimizer inner, step 100: ValueError: no luck"),
        (lambda: Wrapper().step(0, 0, {}, 0), 100, "optimizer inner, step 100: ValueError: no luck"),
        (lambda: Wrapper().init(0, 0), 0, "optimizer inner, init: KeyError: 'momentum'"),
        (lambda: Pull().apply(0, 0, 0), 3, "regularizer pull, apply in step 3: RuntimeError: no message"),
        (lambda: Draws().draw((), 1, 1, None), None, "initializer draws, draw: TypeError: not so"),
        (lambda: Broken().op(None), 3, "layer Broken, op in step 3: IndexError: too far"),
        (plain, 3, "step 3: OSError: disk"),
        (plain, None, "OSError: disk"),
    ],
)
def test_the_line(call, step, expected):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        call()
    assert blame(caught.value, step) == expected
