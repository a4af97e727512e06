"""Jets and equations: derivatives that are carried along, against functions whose derivatives are known."""

import numpy as np
import pytest

from optbench.builtin.networks.physics import PhysicsInformed
from optbench.builtin.regularizers.dropout import DropoutRegularizer
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layer import unfolded
from optbench.nn.equation import EQUATIONS, Equation
from optbench.nn.flatten import Flatten
from optbench.nn.jets import DERIVATIVES, JetActivation, JetDense
from optbench.nn.losses import MeanSquaredError
from optbench.nn.network import Network
from optbench.testing.gradcheck import THRESHOLD, check_layer, check_network

BODY = (JetDense(5), JetActivation("tanh"), JetDense(4), JetActivation("sine"), JetDense(2))


@pytest.mark.parametrize("layer", [JetDense(4), JetActivation("tanh"), JetActivation("sine")])
def test_gradient(layer):
    assert check_layer(layer, (5, 3)) < THRESHOLD


@pytest.mark.parametrize("inputs", [1, 3])
@pytest.mark.parametrize("equation", EQUATIONS)
def test_gradient_of_an_equation(equation, inputs):
    assert check_layer(Equation(BODY, equation, 0.3), (inputs,)) < THRESHOLD
    assert check_network(Network([Equation(BODY, equation)], (inputs,), MeanSquaredError)) < THRESHOLD


def left_side(equation, body, inputs, x, seed=0):
    """r at x (batch, inputs), and a function of x that computes u with the same parameters, by values alone."""
    network = Network([Equation(body, equation, 0.3)], (inputs,), MeanSquaredError)
    params = np.random.default_rng(seed).normal(size=(1, network.layout.size)) * 0.7
    graph = network.bind(params, None, network.initial_state(1, params.dtype), len(x))
    graph.x[0] = x
    graph.forward()
    views = network.layout.views(params[0])
    functions = {"tanh": np.tanh, "sine": np.sin}

    def u(at):
        values = at
        for number, layer in enumerate(body):
            if isinstance(layer, JetDense):
                name = f"0.equation.body.{number}.jetdense."
                values = values @ views[name + "weight"] + views[name + "bias"]
            else:
                values = functions[layer.name](values)
        return (1 - at[:, :1] ** 2) * values

    return np.array(graph.logits[0]), u


@pytest.mark.parametrize("inputs", [1, 3])
@pytest.mark.parametrize("equation", EQUATIONS)
def test_the_left_side_is_that_of_what_values_alone_give(equation, inputs):
    """Derivatives of u by differences along the first input."""
    x = np.random.default_rng(4).uniform(-1, 1, (20, inputs))
    found, u = left_side(equation, BODY, inputs, x)
    h = 1e-4
    step = np.zeros(inputs)
    step[0] = h
    above, here, below = u(x + step), u(x), u(x - step)
    first, second = (above - below) / (2 * h), (above - 2 * here + below) / h**2
    expected = -second if equation == "poisson" else here * first - 0.3 * second
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    ends = np.copy(x)
    ends[:, 0] = np.sign(x[:, 0])
    np.testing.assert_allclose(u(ends), 0, atol=1e-15)


def test_stacks_and_float32_stay():
    network = Network([Equation(BODY)], (1,), MeanSquaredError)
    rng = np.random.default_rng(0)
    params = rng.normal(size=(3, network.layout.size)).astype(np.float32)
    x = rng.uniform(-1, 1, (3, 7, 1)).astype(np.float32)
    found = []
    for rows in ([0, 1, 2], [0], [1], [2]):
        own = params[rows].copy()
        grads = np.zeros_like(own)
        graph = network.bind(own, grads, network.initial_state(len(rows), own.dtype), 7)
        graph.x[...] = x[rows]
        graph.forward()
        graph.backward()
        assert graph.logits.dtype == grads.dtype == np.float32
        found.append((np.array(graph.logits), grads))
    for row in range(3):
        for together, alone in zip(found[0], found[row + 1], strict=True):
            np.testing.assert_array_equal(together[row], alone[0])


def test_the_kind_has_its_layers():
    layers = PhysicsInformed((8,), "sine", "burgers", 0.5).layers(Inputs((1,)), 2, Extras())
    assert layers == [Equation((JetDense(8), JetActivation("sine"), JetDense(2)), "burgers", 0.5)]
    assert [type(layer) for layer in unfolded(layers)] == [Equation, JetDense, JetActivation, JetDense]
    assert isinstance(PhysicsInformed().layers(Inputs((4, 4, 1)), 2, Extras())[0], Flatten)
    assert list(DERIVATIVES) == ["tanh", "sine"]


def test_only_the_last_product_within_is_the_head():
    layout = Network(PhysicsInformed((8, 8)).layers(Inputs((1,)), 2, Extras()), (1,), MeanSquaredError).layout
    assert [t.part for t in layout if t.role == "weight"] == ["", "", "head"]


def test_what_it_refuses():
    with pytest.raises(ComponentError, match="network physics-informed takes no hidden normalizers and no dropout"):
        PhysicsInformed().layers(Inputs((1,)), 1, Extras([DropoutRegularizer(0.5)]))
    for field, value in [("activation", "relu"), ("equation", "heat"), ("viscosity", 0.0), ("hidden", [2.5])]:
        with pytest.raises(ComponentError, match=f"network physics-informed: {field}"):
            PhysicsInformed(**{field: value})
