"""Layers, losses and networks against torch's autograd: outputs, input gradients and parameter gradients."""

import numpy as np
import pytest

from optbench.builtin.networks.cnn import CNN
from optbench.builtin.networks.mlp import MLP
from optbench.contract.architecture import Extras, Inputs
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.flatten import Flatten
from optbench.nn.group_norm import GroupNorm
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.losses import LOSSES
from optbench.nn.network import Network
from optbench.nn.pooling import AveragePooling, MaxPooling
from optbench.nn.rms_norm import RMSNorm
from optbench.testing.gradcheck import _Projection, _Source, difference

torch = pytest.importorskip("torch")
F = torch.nn.functional

pytestmark = pytest.mark.oracle

TOLERANCE = 1e-10
BATCH = 4
FLAT, IMAGE = (6,), (5, 6, 6)

#: our layer, the same in torch on (batch, channels, …) with p its parameters by name
ACTIVATION = {
    "identity": lambda x, p: x * 1,
    "relu": lambda x, p: F.relu(x),
    "leaky_relu": lambda x, p: F.leaky_relu(x, 0.01),
    "tanh": lambda x, p: torch.tanh(x),
    "sigmoid": lambda x, p: torch.sigmoid(x),
    "gelu": lambda x, p: F.gelu(x, approximate="none"),
    "sine": lambda x, p: torch.sin(x),
    "gelu_tanh": lambda x, p: F.gelu(x, approximate="tanh"),
}


def per_channel(p, x):
    return p.view(1, -1, *[1] * (x.ndim - 2))


def layer_norm(x, p):
    hat = F.layer_norm(x, x.shape[1:], eps=1e-5)
    return hat * per_channel(p["scale"], x) + per_channel(p["shift"], x)


def conv(x, p):
    return F.conv2d(x, p["weight"].permute(3, 2, 0, 1), p["bias"], padding=1)


CASES = {
    "dense": (Dense(4), FLAT, lambda x, p: x @ p["weight"] + p["bias"]),
    "convolution": (Convolution(4), IMAGE, conv),
    "max pooling": (MaxPooling(), IMAGE, lambda x, p: F.max_pool2d(x, 2)),
    "average pooling": (AveragePooling(), IMAGE, lambda x, p: F.avg_pool2d(x, 2)),
    "flatten": (Flatten(), IMAGE, lambda x, p: x.flatten(1)),
    **{name: (ACTIVATIONS[name](), FLAT, same) for name, same in ACTIVATION.items()},
}
for shape, suffix in ((FLAT, ""), (IMAGE, " of images")):
    CASES |= {
        "batch norm" + suffix: (
            *(BatchNorm(), shape),
            lambda x, p: F.batch_norm(x, None, None, p["scale"], p["shift"], training=True, eps=1e-5),
        ),
        "layer norm" + suffix: (LayerNorm(), shape, layer_norm),
        "group norm" + suffix: (
            *(GroupNorm(2), shape),
            lambda x, p: F.group_norm(x, 2, p["scale"], p["shift"], eps=1e-5),
        ),
        "rms norm" + suffix: (
            *(RMSNorm(), shape),
            lambda x, p: F.rms_norm(x, x.shape[1:], eps=1e-5) * per_channel(p["scale"], x),
        ),
    }


def channels_first(x):
    return torch.tensor(np.moveaxis(np.asarray(x), -1, 1).copy(), requires_grad=True)


@pytest.mark.parametrize("name", list(CASES))
def test_layer(name):
    layer, shape, same = CASES[name]
    rng = np.random.default_rng(0)
    output = layer.output(shape)
    tail = [Flatten()] if len(output) > 1 else []
    network = Network([_Source(BATCH), layer, *tail], shape, _Projection)
    params = rng.normal(size=(1, network.layout.size))
    grads = np.zeros_like(params)
    graph = network.bind(params, grads, network.initial_state(1, params.dtype), BATCH)
    graph.targets[...] = rng.normal(size=graph.targets.shape)
    graph.forward()
    graph.backward()

    views = {n.split(".", 1)[1]: v for n, v in network.layout.views(params[0]).items()}
    ours = {n.split(".", 1)[1]: v for n, v in network.layout.views(grads[0]).items()}
    own = {n.split(".")[1]: torch.tensor(v.copy(), requires_grad=True) for n, v in views.items() if "_source" not in n}
    x = channels_first(np.moveaxis(views["_source.values"], -1, 0).transpose(0, *range(2, len(shape) + 1), 1))
    y = same(x, own)
    (y.flatten(1) * torch.tensor(graph.targets[0].copy())).sum().backward()

    assert difference(graph.logits[0], y.detach().flatten(1).numpy()) < TOLERANCE
    assert difference(ours["_source.values"], np.moveaxis(x.grad.numpy(), 0, -1)) < TOLERANCE
    for full, gradient in ours.items():
        if "_source" not in full:
            assert difference(gradient, own[full.split(".")[1]].grad.numpy()) < TOLERANCE


TORCH_LOSSES = {
    "softmax_cross_entropy": lambda z, y: F.cross_entropy(z, y),
    "binary_cross_entropy": lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(z),
    "reconstruction_cross_entropy": lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(z),
    "mean_squared_error": lambda z, y: F.mse_loss(z, y),
}

#: class numbers at positions go through every kind that gives them, in test_kinds_oracle.py
assert set(LOSSES) == {*TORCH_LOSSES, "sequence_cross_entropy"}


@pytest.mark.parametrize("size", [1.0, 1e4])
@pytest.mark.parametrize("name", list(TORCH_LOSSES))
def test_loss(name, size):
    rng = np.random.default_rng(1)
    network = Network([_Source(5)], (4,), LOSSES[name])
    params = rng.normal(size=(1, network.layout.size)) * size
    grads = np.zeros_like(params)
    graph = network.bind(params, grads, [{}], 5)
    y = rng.dirichlet(np.ones(4), 5)
    graph.targets[0] = y / 5
    graph.forward()
    graph.backward()
    z = torch.tensor(graph.logits[0].copy(), requires_grad=True)
    value = TORCH_LOSSES[name](z, torch.tensor(y))
    value.backward()
    assert graph.loss.value()[0] == pytest.approx(value.item(), rel=TOLERANCE)
    assert difference(grads[0].reshape(4, 5), z.grad.numpy().T) < TOLERANCE


def torch_modules(network, tensors):
    """A function of (batch, channels, …) that does what the network does."""

    def run(x):
        for number, layer in enumerate(network.layers):
            own = {t.name.split(".")[2]: tensors[t.name] for t in network.layout if t.layer == number}
            if isinstance(layer, Dense):
                x = x @ own["weight"] + own["bias"]
            elif isinstance(layer, BatchNorm):
                x = F.batch_norm(x, None, None, own["scale"], own["shift"], training=True, eps=1e-5)
            elif isinstance(layer, Convolution):
                x = conv(x, own)
            elif isinstance(layer, MaxPooling):
                x = F.max_pool2d(x, 2)
            elif isinstance(layer, Flatten):
                x = x.flatten(1)
            else:
                x = ACTIVATION[next(n for n, a in ACTIVATIONS.items() if type(layer) is a)](x, {})
        return x

    return run


@pytest.mark.parametrize("loss", list(TORCH_LOSSES))
@pytest.mark.parametrize(
    ("kind", "shape"),
    [(MLP([16, 8], "relu"), (7,)), (MLP([16], "gelu"), (3, 3, 2)), (CNN([4, 6], [10]), (9, 8, 2))],
    ids=["mlp", "mlp of images", "cnn"],
)
def test_network(kind, shape, loss):
    from optbench.builtin.normalizers.batch_norm import BatchNormalization

    rng = np.random.default_rng(2)
    network = Network(kind.layers(Inputs(shape), 3, Extras([BatchNormalization()])), shape, LOSSES[loss])
    params = rng.normal(size=(1, network.layout.size)) * 0.5
    grads = np.zeros_like(params)
    graph = network.bind(params, grads, network.initial_state(1, params.dtype), 7)
    x, y = rng.normal(size=(7, *network.shapes[0])), np.eye(3)[rng.integers(0, 3, 7)]
    place = graph.x[0, ..., :-1] if network.wide else graph.x[0]
    place[...] = x
    graph.targets[0] = y / 7
    graph.forward()
    graph.backward()

    views = network.layout.views(params[0])
    tensors = {name: torch.tensor(v.copy(), requires_grad=True) for name, v in views.items()}
    logits = torch_modules(network, tensors)(channels_first(x))
    value = TORCH_LOSSES[loss](logits, torch.tensor(y))
    value.backward()
    flat = np.concatenate([t.grad.numpy().reshape(-1) for t in tensors.values()])
    assert difference(graph.logits[0], logits.detach().numpy()) < TOLERANCE
    assert graph.loss.value()[0] == pytest.approx(value.item(), rel=TOLERANCE)
    assert difference(grads[0], flat) < TOLERANCE
