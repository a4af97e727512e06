"""What a network kind owes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench.contract.architecture import Extras, Inputs
from optbench.contract.components import LayerFactory, State
from optbench.contract.edges import Edges
from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Layer, Shape, unfolded
from optbench.nn.activations import ACTIVATIONS, Identity
from optbench.nn.losses import SequenceCrossEntropy, SoftmaxCrossEntropy
from optbench.nn.network import Network
from optbench.testing.base import CheckFailed, Normal, expect, made, same
from optbench.testing.checkpoints import checkpointed
from optbench.testing.gradcheck import THRESHOLD, check_network, fill
from optbench.training.initialization import draw
from optbench.training.problem import generator_state

__all__ = [
    "check_network_asks_for_extras",
    "check_network_ends_in_its_outputs",
    "check_network_gradient",
    "check_network_saves_and_loads",
    "check_network_takes_one_example",
]

RING, LONG_RING = (Edges(n, np.stack([np.arange(n), (np.arange(n) + 1) % n], axis=1)) for n in (4, 80))
#: a few of each kind of inputs, which a network kind takes at least one of
INPUTS: dict[str, Inputs] = {
    "6 features": Inputs((6,)),
    "images of 8x8 and one channel": Inputs((8, 8, 1)),
    "4 times of 3 features": Inputs((4, 3)),
    "4 times of 3 features, with a class at each": Inputs((4, 3), positions=4),
    "5 tokens": Inputs((5,), vocabulary=7),
    "5 tokens, with a class at each": Inputs((5,), positions=5, vocabulary=7),
    "6 features, of which 2 are categories": Inputs((6,), categories=(4, 3)),
    "2 categories": Inputs((2,), categories=(4, 3)),
    "a graph of 4 nodes of 3 features, with a class at each": Inputs((4, 3), positions=4, edges=RING),
    "a graph of 4 nodes of 20 features, with a class at each": Inputs((4, 20), positions=4, edges=RING),
    "a graph of 80 nodes of 2 features, with a class at each": Inputs((80, 2), positions=80, edges=LONG_RING),
    "graphs of 4 nodes of 2 features": Inputs((4, 6), graphs=True),
    "graphs of 4 nodes of 2 features, with a class at each": Inputs((4, 6), positions=4, graphs=True),
}
OUTPUTS = 3


def layer_lists(
    architecture: Any, factories: tuple[LayerFactory, ...] = (), outputs: int = OUTPUTS
) -> Iterator[tuple[list[Layer], Inputs]]:
    """Its layers for each kind of inputs that it takes."""
    refusals: dict[str, str] = {}
    count = 0
    for name, inputs in INPUTS.items():
        if inputs.kind not in architecture.reads or (inputs.positions > 1 and not architecture.every):
            continue
        try:
            layers = architecture.layers(inputs, outputs, Extras(factories))
        except OptbenchError as error:
            refusals.setdefault(str(error), name)
            continue
        count += 1
        yield layers, inputs
    if not count:
        told = "".join(f"; {name}: {refusal}" for refusal, name in refusals.items())
        raise CheckFailed(f"it takes none of the kinds of inputs that are tried{told or ': it reads nothing'}")


def networks(architecture: Any) -> Iterator[tuple[Network, Inputs]]:
    for layers, inputs in layer_lists(architecture):
        loss = SequenceCrossEntropy if inputs.positions > 1 else SoftmaxCrossEntropy
        yield Network(layers, inputs.shape, loss), inputs


def check_network_ends_in_its_outputs(component: Any) -> None:
    """The last layer gives as many logits as are asked for, at each position that has a target."""
    for network, inputs in networks(made(component)):
        expect(
            network.outputs == (OUTPUTS,),
            f"asked for {OUTPUTS} outputs it ends in {network.outputs}: let the last layer be Dense(outputs)",
        )
        expect(
            network.positions == inputs.positions,
            f"asked for outputs at {inputs.positions} positions of an example it gives them at {network.positions}",
        )


def check_network_gradient(component: Any) -> None:
    """Its gradient is the derivative of its loss, by central differences in float64."""
    for network, inputs in networks(made(component)):
        gap = check_network(network, limit=60, inputs=inputs)
        expect(
            gap < THRESHOLD,
            f"on inputs of shape {network.shapes[0]} its gradient differs from central differences by {gap:.1e} "
            "(relative): check the backward passes of its layers",
        )


def check_network_takes_one_example(component: Any) -> None:
    """A batch of one example is trained on and evaluated in float32 without NaN."""
    for network, inputs in networks(made(component)):
        params = np.zeros((1, network.layout.size), np.float32)
        params[...] = 0.1 * np.random.default_rng(0).normal(size=params.shape)
        grads, state = np.zeros_like(params), network.initial_state(1, params.dtype)
        graph = network.bind(params, grads, state, 1, [np.random.default_rng(0)])
        fill(graph, np.random.default_rng(0), inputs)
        with np.errstate(all="ignore"):
            graph.forward(True, True)
            graph.backward()
        expect(
            np.isfinite(graph.logits).all() and np.isfinite(grads).all(),
            "a mini-batch of one example gives NaN or infinity",
        )


class Stepped:
    """A network that is trained on random examples: what a step needs, and nothing else.

    seed   of first values and of what its layers draw
    """

    def __init__(self, network: Network, inputs: Inputs, seed: int = 0):
        self.inputs, self.rng = inputs, np.random.default_rng(seed)
        self.params = np.zeros((1, network.layout.size))
        draw(self.params[0], network, Normal(), self.rng)
        self.grads = np.zeros_like(self.params)
        self.state = network.initial_state(1, self.params.dtype)
        self.graph = network.bind(self.params, self.grads, self.state, 3, [self.rng])

    def go(self, steps: Iterable[int]) -> np.ndarray:
        """The parameters after steps, each with a mini-batch by its number."""
        for step in steps:
            fill(self.graph, np.random.default_rng([8, step]), self.inputs)
            self.graph.forward(True, True)
            self.graph.backward()
            self.params -= 0.01 * self.grads
        return self.params

    def save(self) -> State:
        state = {str(number): part for number, part in enumerate(self.state)}
        return {"params": self.params, "state": state, "generator": generator_state(self.rng)}

    def load(self, saved: State) -> None:
        self.params[...] = saved["params"]
        for number, part in enumerate(self.state):
            for name, array in part.items():
                array[...] = saved["state"][str(number)][name]
        self.rng.bit_generator.state = saved["generator"]


def check_network_saves_and_loads(component: Any) -> None:
    """Parameters, running statistics and its generator are all that a step needs: saved and loaded, the same bits."""
    whole, first, second = (list(networks(made(component))) for _ in range(3))
    for (one, inputs), (other, _), (third, _) in zip(whole, first, second, strict=True):
        wanted = Stepped(one, inputs).go(range(4))
        before = Stepped(other, inputs)
        before.go(range(2))
        resumed = Stepped(third, inputs, seed=7)
        resumed.load(checkpointed(before.save()))
        expect(
            same(wanted, resumed.go(range(2, 4))),
            f"on inputs of shape {one.shapes[0]} it goes on with other numbers after a checkpoint: what a layer "
            "remembers belongs into its running statistics, and chance comes from the generator that it is given",
        )


def check_network_asks_for_extras(component: Any) -> None:
    """There is a place for a normalizer, and one for dropout, for each hidden activation at least, or it refuses these.

    In most kinds they are before and behind it. Attention has some of its own.
    """
    hidden = tuple(cls for cls in ACTIVATIONS.values() if cls is not Identity)
    for place in ("before_activation", "after_activation"):
        if refuses(made(component), (_Marker(place),)):
            continue
        for layers, _ in layer_lists(made(component), (_Marker(place),)):
            activations = sum(isinstance(layer, hidden) or layer.recurrent for layer in unfolded(layers))
            # One that normalizes the two ways of a residual block alike is one place.
            marks = len({id(layer) for layer in unfolded(layers) if isinstance(layer, _Mark)})
            expect(
                activations <= marks,
                f"{activations} hidden activations, but {marks} places {place.replace('_', ' ')}: put "
                f"*extras.{place}(shape) there, else no normalizer or dropout applies",
            )


def refuses(architecture: Any, factories: tuple[LayerFactory, ...]) -> bool:
    """Whether it says, for inputs that it takes, that it has no place for them."""
    for _, inputs in layer_lists(architecture):
        try:
            architecture.layers(inputs, OUTPUTS, Extras(factories))
        except OptbenchError:
            return True
    return False


@dataclass(frozen=True)
class _Mark(Identity):
    """A layer that is found again."""


class _Marker(LayerFactory):
    def __init__(self, place: str):
        object.__setattr__(self, "place", place)

    def layer(self, features: Shape) -> Layer:
        return _Mark()
