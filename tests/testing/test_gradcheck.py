"""The gradient check finds what is wrong, passes what is right, and survives what raises."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.architecture import Architecture
from optbench.contract.components import HiddenNormalizer, Penalty
from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Layer
from optbench.nn.activations import Tanh, TanhOp
from optbench.nn.dense import Dense
from optbench.nn.losses import MeanSquaredError, SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.registry.registry import Registry, registry
from optbench.testing.gradcheck import (
    THRESHOLD,
    central_differences,
    check_layer,
    check_loss,
    check_network,
    check_penalty,
    difference,
)
from optbench.testing.gradtable import check_all
from optbench.testing.networks import INPUTS


def test_everything_built_in_has_right_gradients():
    checks = check_all(registry())
    wrong = [check for check in checks if not check.ok]
    assert not wrong
    assert {c.kind for c in checks} == {"layer", "activation", "loss", "regularizer", "normalizer", "network"}
    names = {c.name for c in checks}
    assert names >= {"convolution", "max-pooling", "gelu", "l2", "dropout", "batch-norm", "group-norm", "cnn"}


def test_difference():
    assert difference(np.array([3.0, 4.0]), np.array([3.0, 4.0])) == 0
    assert difference(np.array([3.0, 4.0]), np.array([0.0, 0.0])) == 1
    assert difference(np.zeros(2), np.zeros(2)) == 0
    assert difference(np.array([1.0]), np.array([-1.0])) == 1


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=5))
def test_central_differences_of_a_cubic_are_its_derivative(values):
    params = np.array(values)
    before = params.copy()
    found = central_differences(lambda: float((params**3).sum()), params)
    assert np.allclose(found, 3 * before**2, atol=1e-8)
    assert np.array_equal(params, before)


class WrongTanhOp(TanhOp):
    def backward(self):
        super().backward()
        if self.wires.dx is not None:
            self.wires.dx *= 1 + 1e-5


@dataclass(frozen=True)
class WrongTanh(Tanh):
    def op(self, wires):
        return WrongTanhOp(wires)


class WrongLoss(MeanSquaredError):
    def gradient_calls(self):
        first = self.dlogits[..., 0]
        return [*super().gradient_calls(), partial(np.multiply, first, 1.001, first)]


def test_a_gradient_wrong_by_one_in_a_hundred_thousand_is_found():
    assert check_layer(WrongTanh(), (4,)) > THRESHOLD
    assert check_network(Network([Dense(4), WrongTanh(), Dense(3)], (3,), SoftmaxCrossEntropy)) > THRESHOLD
    assert check_loss(WrongLoss) > THRESHOLD


@dataclass(frozen=True)
class Squares(Penalty):
    """Its gradient lacks the factor 2."""

    name = "squares"

    def apply(self, params, grads, layout):
        grads += params
        return float(params @ params)


@dataclass(frozen=True)
class Overwrites(Penalty):
    """It forgets the gradient of the loss."""

    name = "overwrites"

    def apply(self, params, grads, layout):
        grads[...] = 2 * params
        return float(params @ params)


@dataclass(frozen=True)
class Pull(Penalty):
    name = "pull"

    def apply(self, params, grads, layout):
        grads += 2 * params
        return float(params @ params)


def test_penalties():
    assert check_penalty(Pull()) < THRESHOLD
    assert check_penalty(Squares()) > 0.1
    assert check_penalty(Overwrites()) > 0.1


@dataclass(frozen=True)
class Raises(Layer):
    def op(self, wires):
        raise ZeroDivisionError("no op today")


@dataclass(frozen=True)
class Broken(HiddenNormalizer):
    name = "broken"

    def layer(self, features):
        return Raises()


@dataclass(frozen=True)
class TwoLinear(Architecture):
    name = "two-linear"

    def layers(self, inputs, outputs, extras):
        return [Dense(8), Dense(outputs)]


@dataclass(frozen=True)
class Refuses(Architecture):
    name = "refuses"

    def layers(self, inputs, outputs, extras):
        raise OptbenchError("never")


def strangers():
    found = Registry()

    class Module:
        pass

    found.register(Module, "strange:module", "strange", "1")
    for kind, components in {
        "normalizers": [Broken],
        "regularizers": [Squares, Pull],
        "networks": [TwoLinear, Refuses],
    }.items():
        for component in components:
            found._add(kind, component, "strange:module")
    return found


def test_strangers_are_checked_and_one_that_raises_is_a_row():
    rows = {c.name: c for c in check_all(strangers(), ["broken", "squares", "pull", "two-linear", "refuses"])}
    assert [name for name, row in rows.items() if row.ok] == ["pull", "two-linear"]
    assert rows["broken"].message == "ZeroDivisionError: no op today"
    assert np.isnan(rows["broken"].difference)
    assert rows["refuses"].message.endswith(f"; {next(iter(INPUTS))}: never")
    assert rows["squares"].difference > THRESHOLD
    assert rows["squares"].kind == "regularizer"


def test_names():
    assert [c.name for c in check_all(registry(), ["tanh"])] == ["tanh"]
    (row,) = check_all(registry(), ["early-stopping"])
    assert row.ok
    assert row.message == "has no gradient"
    with pytest.raises(OptbenchError, match="'tanhh'; did you mean 'tanh'"):
        check_all(registry(), ["tanhh"])
