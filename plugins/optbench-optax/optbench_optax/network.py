"""A JAX model of a user's own as a network kind: `network = { kind = "jax:my_project.models:mlp", … }`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from optbench import ComponentError, Extras, Inputs, Layer, Op, OptbenchError, Parameter, Shape, Wires, hyper
from optbench.bridging import SEEDS, ModelNetwork, said
from optbench_optax.program import precision
from optbench_optax.pure import asks, check_pure, stepped
from optbench_optax.task import FIRST, check_slopes, first_tree
from optbench_optax.trees import Memory, Tree


class Model(NamedTuple):
    """A JAX model of a network kind.

    init    a function of a random key that makes the tree of parameters
    apply   apply(params, x) -> logits (batch, outputs), or (batch, positions, outputs) where every position has a
            target. Where it has arguments of these names, it is given them: `key` (None in evaluation), `training`,
            and `state`; with `state` it gives (logits, new state)
    state   a tree of what a step changes beside the parameters: running statistics
    roles   of leaves, where their names do not say them: see `optbench_optax.workload`
    """

    init: Callable[..., Any]
    apply: Callable[..., Any]
    state: Any = None
    roles: Mapping[str, str] | None = None


class JaxNetwork(ModelNetwork):
    """What all JAX models share; `network_of` makes their classes."""

    what = "model"

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        self.refuse(extras)
        try:
            hash(self)
        except TypeError:
            raise ComponentError(
                f"network {self.name}: a setting is no number, text or list of those, so that what is compiled for it "
                "could not be found again"
            ) from None
        return [ModelLayer(compiled(self, inputs, outputs))]

    @property
    def own(self) -> bool:
        """Whether first values are the model's."""
        return bool(getattr(self, self.option("first_values")) == "model")

    def model(self, inputs: Inputs, outputs: int) -> Model:
        """What the user's function makes for these data."""
        try:
            found = type(self).make(**self.arguments(inputs, outputs))
        except OptbenchError:
            raise
        except Exception as error:  # whatever the user's function does
            raise ComponentError(f"network {self.name} cannot be made: {said(error)}") from error
        pair = isinstance(found, tuple) and 2 <= len(found) <= len(Model._fields)
        if not pair or not callable(found[1]):
            what = f"a {type(found).__name__}"
            raise ComponentError(f"network {self.name} gave {what}, not a pair of functions (init, apply)")
        return Model(*found)


@lru_cache(maxsize=32)
def compiled(network: JaxNetwork, inputs: Inputs, outputs: int) -> "Compiled":
    """What jax compiles for a network on such data: once a process, for all trials."""
    found = Compiled(f"network {network.name}", network.model(inputs, outputs), inputs, outputs, network.own)
    found.check()
    return found


class Compiled:
    """A model's passes on flat vectors.

    own   whether first values are the model's
    """

    def __init__(self, where: str, model: Model, inputs: Inputs, outputs: int, own: bool):
        self.where, self.model, self.inputs, self.outputs, self.own = where, model, inputs, outputs, own
        self.tree = Tree(where, first_tree(where, model.init, 0), model.roles)
        if not self.tree.leaves:
            raise ComponentError(f"{where} has no parameters to train: its tree has no leaf of floats")
        self.memory = Memory(f"{where}: state", model.state)
        if ("state" in asks(model.apply)) != (model.state is not None):
            raise ComponentError(f"{where}: state and an argument of apply that is called state go together")

    def logits(self, leaves: Any, x: Any, statistics: Any, seed: Any, training: bool) -> tuple[Any, Any]:
        """(logits, new statistics), both in the dtype of the leaves."""
        import jax.numpy as jnp

        dtype, inputs = leaves[0].dtype, self.inputs
        state = self.memory.grown(statistics)
        first = (self.tree.grown(leaves), x.astype(jnp.int32) if inputs.vocabulary else x)
        result, state = stepped(f"{self.where}: apply", self.model.apply, first, state, seed, training)
        wanted = (len(x), inputs.positions, self.outputs) if inputs.positions > 1 else (len(x), self.outputs)
        if not hasattr(result, "shape"):
            raise ComponentError(f"{self.where} gives a {type(result).__name__}, not an array of logits")
        if tuple(result.shape) != wanted:
            raise ComponentError(
                f"{self.where}: of {tuple(x.shape)} inputs its logits must be {wanted}, but they are "
                f"{tuple(result.shape)}"
            )
        return result.astype(dtype), self.memory.arrays(state, dtype)

    @cached_property
    def forward(self) -> Any:
        """(flat, x, statistics, seed) -> (logits, what goes back, new statistics), of a step."""
        import jax

        def forward(flat: Any, x: Any, statistics: Any, seed: Any) -> Any:
            def at(leaves: Any) -> tuple[Any, Any]:
                return self.logits(leaves, x, statistics, seed, True)

            return jax.vjp(at, self.tree.cut(flat), has_aux=True)

        return jax.jit(forward)

    @cached_property
    def backward(self) -> Any:
        """(what goes back, gradient of the logits) -> gradients of the leaves."""
        import jax

        return jax.jit(lambda back, slope: back(slope)[0])

    @cached_property
    def evaluate(self) -> Any:
        """(flat, x, statistics) -> logits, of evaluation."""
        import jax

        return jax.jit(lambda flat, x, statistics: self.logits(self.tree.cut(flat), x, statistics, None, False)[0])

    def first_values(self, seed: int) -> dict[str, np.ndarray]:
        return self.tree.values(first_tree(self.where, self.model.init, seed))

    def check(self) -> None:
        """A pass forward and back of two random examples in float32; refuses what cannot be trained."""
        import jax

        dtype, rng, shape = np.dtype(np.float32), np.random.default_rng(0), (2, *self.inputs.shape)
        tokens = self.inputs.vocabulary
        x = (rng.integers(tokens, size=shape) if tokens else rng.standard_normal(shape)).astype(dtype)
        values = self.tree.values(self.tree.tree)
        flat = np.concatenate([values[leaf.asked.name].reshape(-1) for leaf in self.tree.leaves]).astype(dtype)
        statistics = {name: array.astype(dtype) for name, array in self.memory.first.items()}
        step = (flat, x, statistics, np.uint32(0))

        def pure(flat: Any, *rest: Any) -> Any:
            return self.logits(self.tree.cut(flat), *rest, True)

        try:
            with precision(dtype):
                check_pure(f"{self.where}: apply", lambda: lambda *given: pure(*given), step)
                logits, back, _ = self.forward(*step)
                slopes = self.backward(back, 2 * logits / logits.size)
                jax.eval_shape(self.evaluate, *step[:3])
        except OptbenchError:
            raise
        except Exception as error:  # whatever the user's functions do
            raise ComponentError(f"{self.where} fails on two examples {shape}: {said(error)}") from error
        check_slopes(self.where, self.tree, logits, slopes)


@dataclass(frozen=True, eq=False)
class ModelLayer(Layer):
    """A whole model as one layer."""

    compiled: Compiled
    any_order = True
    reads_output = False
    whole = True

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return tuple(leaf.asked for leaf in self.compiled.tree.leaves)

    def own_values(self, shape: Shape, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return self.compiled.first_values(int(rng.integers(SEEDS))) if self.compiled.own else {}

    def initial(self, shape: Shape) -> dict[str, np.ndarray]:
        return dict(self.compiled.memory.first)

    def output(self, shape: Shape) -> Shape:
        return (self.compiled.outputs,)

    def positions(self, shape: Shape, positions: int) -> int:
        return self.compiled.inputs.positions

    def op(self, wires: Wires) -> Op:
        return ModelOp(wires, self.compiled)


class ModelOp(Op):
    """Each trial of the stack by itself."""

    def __init__(self, wires: Wires, compiled: Compiled):
        super().__init__(wires)
        self.compiled, self.dtype, stack = compiled, wires.flat.dtype, len(wires.x)
        # What is drawn in a step stays within it: a pass that is not fresh starts from the same number.
        self.seeds = wires.memory.setdefault("seed", np.zeros((stack, 1), np.int64))
        self.back: list[Any] = [None] * stack

    def forward(self, training: bool, fresh: bool) -> None:
        wires, compiled = self.wires, self.compiled
        with precision(self.dtype):
            for k in range(len(wires.x)):
                if training and fresh:
                    self.seeds[k] = wires.rngs[k].integers(SEEDS)
                x = np.ascontiguousarray(wires.x[k]).reshape(-1, *compiled.inputs.shape)
                statistics = {name: wires.state[name][k, ...] for name in compiled.memory.first}
                y = wires.y[k]
                if not training:
                    y[...] = np.asarray(compiled.evaluate(wires.flat[k], x, statistics)).reshape(y.shape)
                    continue
                seed = np.uint32(self.seeds[k, 0])
                logits, self.back[k], changed = compiled.forward(wires.flat[k], x, statistics, seed)
                y[...] = np.asarray(logits).reshape(y.shape)
                if fresh:
                    for name, value in changed.items():
                        statistics[name][...] = np.asarray(value)

    def backward(self) -> None:
        wires, compiled = self.wires, self.compiled
        assert wires.dy is not None
        assert wires.flat_grads is not None
        inputs = compiled.inputs
        shape = (-1, inputs.positions, compiled.outputs) if inputs.positions > 1 else (-1, compiled.outputs)
        with precision(self.dtype):
            for k, back in enumerate(self.back):
                slopes = compiled.backward(back, np.ascontiguousarray(wires.dy[k]).reshape(shape))
                compiled.tree.fill(wires.flat_grads[k], slopes)


def network_of(name: str, path: str, found: Any, bridge: str) -> type[JaxNetwork]:
    """The component class of a user's function that makes (init, apply), a `Model`, for given data.

    Its arguments are its settings, but for those of `FROM_DATA` that have no default: the data say these.
    """
    if not callable(found) or isinstance(found, type):
        raise OptbenchError(f"{path} is no function that makes a JAX model, (init, apply)")
    own = hyper("model", scale="choice", choices=FIRST, help="whose: the model's, the suite's")
    made: type[JaxNetwork] = JaxNetwork.by_path(name, path, found, bridge, [("first_values", str, own)])
    return made
