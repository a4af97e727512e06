"""Physics-informed networks against torch, which differentiates the network twice and then once more."""

import numpy as np
import pytest

from optbench.builtin.networks.physics import PhysicsInformed
from optbench.contract.architecture import Extras, Inputs
from optbench.nn.jets import JetDense
from optbench.nn.losses import MeanSquaredError
from optbench.nn.network import Network
from optbench.testing.gradcheck import difference

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.oracle


@pytest.mark.parametrize("equation", ["poisson", "burgers"])
@pytest.mark.parametrize("activation", ["tanh", "sine"])
@pytest.mark.parametrize("inputs", [1, 2])
def test_outputs_and_gradient(inputs, activation, equation):
    rng = np.random.default_rng(3)
    kind = PhysicsInformed((8, 6), activation, equation, 0.2)
    network = Network(kind.layers(Inputs((inputs,)), 2, Extras()), (inputs,), MeanSquaredError)
    params = rng.normal(size=(1, network.layout.size)) * 0.6
    grads = np.zeros_like(params)
    graph = network.bind(params, grads, network.initial_state(1, params.dtype), 9)
    x, y = rng.uniform(-1, 1, (9, inputs)), rng.normal(size=(9, 2))
    graph.x[0], graph.targets[0] = x, y / 9
    graph.forward()
    graph.backward()

    tensors = {k: torch.tensor(v.copy(), requires_grad=True) for k, v in network.layout.views(params[0]).items()}
    at = torch.tensor(x, requires_grad=True)
    values = at
    for number, layer in enumerate(network.layers[0].body):
        if isinstance(layer, JetDense):
            name = f"0.equation.body.{number}.jetdense."
            values = values @ tensors[name + "weight"] + tensors[name + "bias"]
        else:
            values = torch.tanh(values) if activation == "tanh" else torch.sin(values)
    u = (1 - at[:, :1] ** 2) * values
    sides = []
    for k in range(2):
        first = torch.autograd.grad(u[:, k].sum(), at, create_graph=True)[0][:, 0]
        second = torch.autograd.grad(first.sum(), at, create_graph=True)[0][:, 0]
        sides.append(-second if equation == "poisson" else u[:, k] * first - 0.2 * second)
    side = torch.stack(sides, 1)
    torch.nn.functional.mse_loss(side, torch.tensor(y)).backward()
    assert difference(graph.logits[0], side.detach().numpy()) < 1e-10
    flat = np.concatenate([t.grad.numpy().reshape(-1) for t in tensors.values()])
    assert difference(grads[0], flat) < 1e-10
