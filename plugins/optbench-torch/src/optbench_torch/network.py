"""A torch module of a user's own as a network kind: `network = { kind = "torch:my_project.models:ViT", … }`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench import ComponentError, Extras, Inputs, Layer, Op, OptbenchError, Parameter, Shape, Wires, hyper
from optbench.bridging import SEEDS, ModelNetwork, said
from optbench_torch.bound import Bound, first_statistics, first_values
from optbench_torch.chance import default_dtype, seeded
from optbench_torch.library import torch_module
from optbench_torch.roles import Placed, placed
from optbench_torch.trying import tried

PRECISIONS = ("", "bfloat16")
FIRST = ("module", "suite")


class TorchNetwork(ModelNetwork):
    """What all bridged modules share; `network_of` makes their classes."""

    what = "module"

    @classmethod
    def seen(cls, shape: Shape) -> Shape:
        """Images have their channels first."""
        return (shape[2], *shape[:2]) if len(shape) == 3 else shape

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        self.refuse(extras)
        where = f"network {self.name}"
        arguments = self.arguments(inputs, outputs)
        module = made(where, type(self).make, arguments)
        example = _example(inputs)
        wanted = (2, inputs.positions, outputs) if inputs.positions > 1 else (2, outputs)

        def call() -> Any:
            result = module(example)
            if not isinstance(result, torch_module().Tensor):
                raise ComponentError(f"{where} gives a {type(result).__name__}, not a tensor of logits")
            if tuple(result.shape) != wanted:
                raise ComponentError(
                    f"{where}: of {tuple(example.shape)} inputs its logits must be {wanted}, but they are "
                    f"{tuple(result.shape)}"
                )
            return result

        try:
            found = tried(where, module, call)
        except OptbenchError:
            raise
        except Exception as error:  # whatever the user's module does
            raise ComponentError(f"{where} fails on two examples {tuple(example.shape)}: {said(error)}") from error
        places = tuple(placed(module, found.head))
        own = arguments if getattr(self, self.option("first_values")) == "module" else None
        device, precision = (getattr(self, self.option(name)) for name in ("device", "precision"))
        return [ModuleLayer(self, module, places, found.changed, inputs, outputs, own, device, precision)]


@dataclass(frozen=True, eq=False)
class ModuleLayer(Layer):
    """A whole module as one layer.

    changed   names of the buffers that are running statistics
    own       the constructor's arguments, where its own first values are taken; None: the initializer's
    """

    network: TorchNetwork
    module: Any
    places: tuple[Placed, ...]
    changed: tuple[str, ...]
    inputs: Inputs
    outputs: int
    own: Mapping[str, Any] | None
    device: str
    precision: str
    any_order = True
    reads_output = False
    whole = True

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return tuple(p.asked for p in self.places)

    def own_values(self, shape: Shape, rng: np.random.Generator) -> dict[str, np.ndarray]:
        if self.own is None:
            return {}
        where = f"network {self.network.name}"
        return first_values(made(where, type(self.network).make, self.own, int(rng.integers(SEEDS))), self.places)

    def initial(self, shape: Shape) -> dict[str, np.ndarray]:
        return first_statistics(self.module, self.changed)

    def output(self, shape: Shape) -> Shape:
        return (self.outputs,)

    def positions(self, shape: Shape, positions: int) -> int:
        return self.inputs.positions

    def op(self, wires: Wires) -> Op:
        return ModuleOp(wires, self)


class ModuleOp(Op):
    """Each trial of the stack by itself, with a copy of the module."""

    def __init__(self, wires: Wires, layer: ModuleLayer):
        super().__init__(wires)
        torch = torch_module()
        self.layer, self.torch = layer, torch
        stack = len(wires.x)
        # What is drawn in a step stays within it: a pass that is not fresh starts from the same number.
        self.seeds = wires.memory.setdefault("seed", np.zeros((stack, 1), np.int64))
        self.rows = [
            Bound(
                layer.module,
                layer.places,
                wires.flat[k],
                None if wires.flat_grads is None else wires.flat_grads[k],
                {name: wires.state[name][k : k + 1].reshape(wires.state[name].shape[1:]) for name in layer.changed},
                layer.device,
                layer.precision,
            )
            for k in range(stack)
        ]
        shape = layer.inputs.shape
        self.x = [torch.from_numpy(x.reshape(len(x), *shape, copy=False)) for x in wires.x]
        self.y = [torch.from_numpy(y) for y in wires.y]
        self.dy = [] if wires.dy is None else [torch.from_numpy(dy) for dy in wires.dy]
        self.results: list[Any] = [None] * stack

    def forward(self, training: bool, fresh: bool) -> None:
        for k, bound in enumerate(self.rows):
            if training and fresh:
                self.seeds[k] = self.wires.rngs[k].integers(SEEDS)
            with bound.passing(training, fresh, int(self.seeds[k, 0]) if training else 0) as module:
                result = module(laid(self.x[k], self.layer.inputs).to(bound.device))
            result = result.reshape(self.y[k].shape)
            self.y[k].copy_(result.detach())
            self.results[k] = result if training else None

    def backward(self) -> None:
        for k, bound in enumerate(self.rows):
            result, self.results[k] = self.results[k], None
            bound.backward(result, self.dy[k].to(bound.device, result.dtype).contiguous())


def made(where: str, make: Any, arguments: Mapping[str, Any], seed: int = 0) -> Any:
    """The module of these arguments, whose first values are drawn from this seed."""
    torch = torch_module()
    try:
        with seeded(seed), default_dtype(torch.float32):
            module = make(**arguments)
    except OptbenchError:
        raise
    except Exception as error:  # whatever the user's constructor does
        raise ComponentError(f"{where} cannot be made: {said(error)}") from error
    if not isinstance(module, torch.nn.Module):
        raise ComponentError(f"{where} gave a {type(module).__name__}, not a torch.nn.Module")
    return module


def laid(x: Any, inputs: Inputs) -> Any:
    """Examples (batch, *shape) as a module sees them: tokens are whole numbers, images have their channels first."""
    if inputs.vocabulary:
        return x.long()
    return x.permute(0, 3, 1, 2).contiguous() if x.ndim == 4 else x


def _example(inputs: Inputs) -> Any:
    rng, shape = np.random.default_rng(0), (2, *inputs.shape)
    x = rng.integers(inputs.vocabulary, size=shape) if inputs.vocabulary else rng.standard_normal(shape)
    return laid(torch_module().from_numpy(x.astype(np.float32)), inputs)


def network_of(name: str, path: str, found: Any, bridge: str) -> type[TorchNetwork]:
    """The component class of a user's module class, or of a function that makes a module.

    The constructor's arguments are its settings, but for those of `FROM_DATA` that have no default: the data say these.
    """
    torch = torch_module()
    if not callable(found) or (isinstance(found, type) and not issubclass(found, torch.nn.Module)):
        raise OptbenchError(f"{path} is not a subclass of torch.nn.Module, nor a function that makes one")
    made: type[TorchNetwork] = TorchNetwork.by_path(name, path, found, bridge, [
        ("first_values", str, hyper("module", scale="choice", choices=FIRST, help="whose: the module's, the suite's")),
        ("device", str, hyper("cpu", help="torch's name of the device that the module is on")),
        ("precision", str, hyper("", scale="choice", choices=PRECISIONS, help="torch's autocast, if any")),
    ])  # fmt: skip
    return made
