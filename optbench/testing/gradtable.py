"""The gradient check of everything that is registered and has a gradient: the table of `optbench gradcheck`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract.components import LayerFactory, Penalty
from optbench.contract.edges import Edges
from optbench.contract.errors import OptbenchError, near
from optbench.contract.layer import Layer, Shape
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.attention import SelfAttention
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.equation import Equation
from optbench.nn.flatten import Flatten
from optbench.nn.fourier import FourierFeatures
from optbench.nn.graph_convolution import GraphConvolution
from optbench.nn.gru import GRU
from optbench.nn.jets import JetActivation, JetDense
from optbench.nn.latent import GaussianLatent
from optbench.nn.losses import LOSSES
from optbench.nn.lstm import LSTM
from optbench.nn.neighbour_sum import NeighbourSum
from optbench.nn.network import Network
from optbench.nn.pairwise_products import PairwiseProducts
from optbench.nn.pooling import AveragePooling, MaxPooling
from optbench.nn.positions import MeanOverPositions, Patches, Places, SwapPositions
from optbench.nn.residual import Residual
from optbench.nn.strided import GlobalAveragePooling, Projection, StridedConvolution
from optbench.nn.tanh_recurrence import TanhRecurrence
from optbench.testing.gradcheck import THRESHOLD, check_layer, check_loss, check_network, check_penalty
from optbench.testing.networks import layer_lists

if TYPE_CHECKING:
    from optbench.registry.registry import Registry

FLAT: Shape = (32,)
IMAGE: Shape = (5, 6, 8)
PATH = Edges(4, np.array([[0, 1], [1, 2], [3, 2]]))

#: name -> (layer, input shape, and positions of an example where it mixes them); normalization and dropout are checked
#: as the components that place them
LAYERS: dict[str, tuple[Layer, Shape] | tuple[Layer, Shape, int]] = {
    "dense": (Dense(4), FLAT),
    "convolution": (Convolution(3), (5, 4, 2)),
    "max-pooling": (MaxPooling(), (5, 6, 3)),
    "average-pooling": (AveragePooling(), (5, 6, 3)),
    "flatten": (Flatten(), (3, 2, 2)),
    "strided-convolution": (StridedConvolution(3), (5, 4, 2)),
    "projection": (Projection(3, 2), (5, 4, 2)),
    "global-average-pooling": (GlobalAveragePooling(), (5, 4, 2)),
    "rnn-cell": (TanhRecurrence(3), (5, 4)),
    "gru-cell": (GRU(3), (5, 4)),
    "lstm-cell": (LSTM(3), (4, 3, 2)),
    "gaussian-latent": (GaussianLatent(), (6,)),
    "fourier-features": (FourierFeatures(5), (3,)),
    "jet-dense": (JetDense(4), (5, 3)),
    "jet-activation": (JetActivation(), (5, 3)),
    "equation": (Equation((JetDense(5), JetActivation(), JetDense(2)), "burgers"), (3,)),
    "pairwise-products": (PairwiseProducts(3, keep_last=True), (12,)),
    "graph-convolution": (GraphConvolution(5, PATH), (4, 3)),
    "graph-convolution, product first": (GraphConvolution(2, PATH), (4, 5)),
    "neighbour-sum": (NeighbourSum(PATH), (4, 3)),
    "residual": (Residual((StridedConvolution(3),), (Projection(3, 2),)), (5, 4, 2)),
    "self-attention": (SelfAttention(2), (4,), 5),
    "causal-attention": (SelfAttention(2, causal=True), (4,), 5),
    "patches": (Patches(2), (4, 6, 2)),
    "places": (Places(5), (4,), 5),
    "swap-positions": (SwapPositions(5), (4,), 5),
    "mean-over-positions": (MeanOverPositions(), (4,), 5),
}
Job = tuple[str, str, Callable[[], float]]


@dataclass(frozen=True)
class Check:
    """One row of the table. `difference` is NaN where `message` says that the component raised or has no gradient."""

    name: str
    kind: str
    difference: float
    ok: bool
    message: str = ""


def check_all(registry: "Registry", names: Sequence[str] | None = None) -> list[Check]:
    """Every layer, activation, loss, penalty, hidden normalizer, layer regularizer and network kind there is.

    Third-party components are included; one that raises is a failing row. `names` limits the table. An unknown
    name raises `OptbenchError`; one of a component without a gradient gives a row that says so.
    """
    jobs = list(_jobs(registry))
    rest = list(_without_gradient(registry, {(kind, name) for kind, name, _ in jobs}))
    if names is None:
        return [_run(*job) for job in jobs]
    known = {name for _, name, _ in jobs} | {name for _, name in rest}
    for name in names:
        if name not in known:
            raise OptbenchError(f"nothing to check is named {name!r}; {near(name, known)}")
    rows = [_run(*job) for job in jobs if job[1] in names]
    none = [Check(name, kind, float("nan"), True, "has no gradient") for kind, name in rest if name in names]
    return rows + none


def _jobs(registry: "Registry") -> Iterator[Job]:
    """(kind, name, check) for all that has a gradient."""
    for name, (layer, shape, *positions) in LAYERS.items():
        yield "layer", name, partial(check_layer, layer, shape, positions=positions[0] if positions else 1)
    for name, activation in ACTIVATIONS.items():
        yield "activation", name, partial(_made, activation, partial(check_layer, shape=FLAT))
    for name, loss in LOSSES.items():
        yield "loss", name, partial(check_loss, loss)
    for kind in ("regularizer", "normalizer"):
        for name, entry in registry.components[f"{kind}s"].items():
            if issubclass(entry.component, Penalty):
                yield kind, name, partial(_made, entry.component, check_penalty)
            elif issubclass(entry.component, LayerFactory):
                yield kind, name, partial(_made, entry.component, _check_factory)
    for name, entry in registry.components["networks"].items():
        yield "network", name, partial(_made, entry.component, _check_kind)


def _made(component: Callable[[], Any], check: Callable[[Any], float]) -> float:
    """The check of a component with its default settings; made within the check, for it may raise."""
    return check(component())


def _without_gradient(registry: "Registry", checked: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for kind in ("regularizer", "normalizer"):
        for name in registry.components[f"{kind}s"]:
            if (kind, name) not in checked:
                yield kind, name


def _run(kind: str, name: str, check: Callable[[], float]) -> Check:
    try:
        with np.errstate(all="ignore"):
            found = check()
    except Exception as error:
        return Check(name, kind, float("nan"), False, f"{type(error).__name__}: {error}")
    return Check(name, kind, found, bool(found < THRESHOLD))


def _check_factory(factory: Any) -> float:
    """The worse of flat features and images."""
    return max(check_layer(factory.layer(shape), shape) for shape in (FLAT, IMAGE))


def _check_kind(architecture: Any) -> float:
    """The worst of the losses, on all inputs that the kind takes."""
    return max(
        check_network(Network(layers, inputs.shape, loss), limit=60, inputs=inputs)
        for layers, inputs in layer_lists(architecture)
        for loss in LOSSES.values()
        if inputs.positions == 1 or loss.numbers
    )
