"""The five contracts. Read this file first; `context` says what they get to see, `hyperparameters` all of `hyper`.

A component is a frozen dataclass. Its fields are its hyperparameters, and each says its default, its valid
range, and the range and scale in which it is searched:

    @dataclass(frozen=True)
    class SGD(Optimizer):
        \"""Stochastic gradient descent.  w <- w - lr g.   Reference: Robbins and Monro 1951.\"""

        name = "sgd"
        lr: float = hyper(0.1, low=1e-4, high=10, scale="log", valid="[0, inf)")

        def step(self, params, grads, state, context):
            params -= (self.lr * context.factor) * grads

A component holds settings only. What changes in training is the state: made by `init`, changed in place by
`step`. Parameters are one flat vector of a network's dtype; `layout` says which tensor lies where.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from optbench.contract.context import Context, Measurement, Progress
from optbench.contract.hyperparameters import Hyper, check_value, plain_value
from optbench.contract.layer import Layer
from optbench.contract.layout import Layout

#: What an optimizer may claim. "scale": a factor on the loss changes nothing, but for an eps beside the gradient.
#: "rotation": nor does W = U W' V, with orthogonal U and V, for a weight matrix between hidden units.
INVARIANCES = ("scale", "rotation")

#: A state: arrays and Python scalars in nested dicts, so that a checkpoint needs no pickle.
State = dict[str, Any]


class Component:
    """What all kinds share: a name, hyperparameters (checked when it is made), and settings as plain data."""

    name: ClassVar[str] = ""
    kind: ClassVar[str] = ""
    #: where the formula is from
    reference: ClassVar[str] = ""
    #: whose code does the arithmetic, if not the plugin's own, with its version: "torch 2.13.0". Part of a trial's key
    bridge: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = plain_value(getattr(self, field.name), field.type)
            object.__setattr__(self, field.name, value)
            spec = field.metadata.get("hyper")
            if spec is not None:
                check_value(f"{self.kind} {self.name}: {field.name}", value, spec)

    @classmethod
    def hyperparameters(cls) -> dict[str, Hyper]:
        """The declared hyperparameters by name; a component within (a wrapper's `inner`) is none of them."""
        if not dataclasses.is_dataclass(cls):
            return {}
        return {f.name: f.metadata["hyper"] for f in dataclasses.fields(cls) if "hyper" in f.metadata}

    def settings(self) -> dict[str, Any]:
        """Its fields as plain data; a component within is {"name": ..., **its settings}."""
        result: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, Component):
                value = {"name": value.name, **value.settings()}
            elif isinstance(value, tuple):
                value = list(value)
            result[field.name] = value
        return result


class Initializer(Component):
    """Draws the weights of a layer before training. Biases and shifts start at 0, scales at 1."""

    kind = "initializer"

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
        """The first values of one weight tensor, float64. Called once a weight tensor, in the layout's order.

        Only `rng` may be used for chance: the same generator state must give the same bits.
        """
        raise NotImplementedError


class Regularizer(Component):
    """Anything that holds back overfitting. Subclass one of the five kinds below, not this."""

    kind = "regularizer"


class Penalty(Regularizer):
    """A term added to the loss."""

    def apply(self, params: np.ndarray, grads: np.ndarray, layout: Layout) -> float:
        """Add the penalty's gradient at `params` to `grads`, in place, and return the penalty's value."""
        raise NotImplementedError


class Constraint(Regularizer):
    """A set that the parameters stay in: called after every step, on each of the optimizer's `iterates`."""

    def project(self, params: np.ndarray, layout: Layout) -> None:
        """Move `params` to the nearest point of the set, in place."""
        raise NotImplementedError


class LayerFactory(Component):
    """Puts a layer into a network, wherever the network kind offers a place for one."""

    #: "before_activation" (behind each hidden product) or "after_activation"
    place: ClassVar[str] = "after_activation"

    def layer(self, features: tuple[int, ...]) -> Layer:
        """The layer for activations of this shape (no batch axis). Called once a place."""
        raise NotImplementedError

    def layer_at(self, features: tuple[int, ...], place: int) -> Layer:
        """The layer at hidden activation `place` (0 is the first); the same everywhere unless overridden."""
        return self.layer(features)


class LayerRegularizer(LayerFactory, Regularizer):
    """A regularizer that is a layer: dropout."""

    kind = "regularizer"


class BatchTransform(Regularizer):
    """Changes each training mini-batch: label smoothing, noise, shifts, mixup."""

    #: whether it changes x: then it is refused where x holds tokens or categories, which are not to be computed with
    inputs: ClassVar[bool] = True

    def transform(
        self, x: np.ndarray, y: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """The batch to train on. x is (batch, *features), y (batch, outputs): one-hot for classes.

        Both are buffers of the trainer: change them in place or return others of the same shapes.
        """
        raise NotImplementedError


class Stopping(Regularizer):
    """Ends training early, and says which evaluation's parameters to keep. Pure functions of the history."""

    def stop(self, history: Sequence[Measurement]) -> bool:
        """Whether to stop now. Called after each evaluation; the latest is last."""
        raise NotImplementedError

    def keep(self, history: Sequence[Measurement]) -> int:
        """The index of the evaluation whose parameters are the result; default: the latest.

        Called after each evaluation, before `stop`.
        """
        return len(history) - 1


class Optimizer(Component):
    """Moves the parameters. It owns its learning rates; the context brings the schedule's factor for them."""

    kind = "optimizer"
    #: where it equals another: (("sgd", {"beta": 0.0}),); the conformance kit tests it. Not inherited
    special_cases: ClassVar[tuple[tuple[Any, ...], ...]] = ()
    #: why a gradient of 0 moves the parameters, where it does
    moves_without_gradient: ClassVar[str] = ""

    def init(self, params: np.ndarray, layout: Layout) -> State:
        """The state at the start: nested dicts of arrays and Python scalars. Called once, before any step.

        `params` is the live vector: copy what must stay.
        """
        return {}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        """Update `params` and `state` in place from the mini-batch's gradient. `grads` may be overwritten."""
        raise NotImplementedError

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        """The parameters to evaluate and to keep; `params` unless the method averages or looks ahead."""
        return params

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        """All vectors that a constraint must project: else the next step undoes it."""
        return [params]

    def save(self, state: State) -> State:
        """The state as a tree of arrays and scalars, for a checkpoint or a move to other memory."""
        return state

    def load(self, saved: State, params: np.ndarray, layout: Layout) -> State:
        """The state again, for parameters that now live in `params`."""
        return saved

    def invariances(self) -> tuple[str, ...]:
        """What these settings claim to leave the path as it is, of INVARIANCES; the conformance kit tests it.

        That names and places of tensors and units change nothing is no claim: it is asked of every optimizer.
        """
        return ()

    def bridge_seconds(self, params: np.ndarray, layout: Layout) -> float:
        """Seconds of a step that a bridge takes by itself, measured with a foreign optimizer that does nothing.

        Asked after the trials of an optimizer that names a `bridge`, and shown beside its calibrated seconds.
        `params` may be overwritten.
        """
        return 0.0


class Schedule(Component):
    """A factor on every learning rate, as training goes on."""

    kind = "schedule"

    def factor(self, progress: Progress) -> float:
        """The factor for the step about to be made; finite and not negative. Called before every step."""
        raise NotImplementedError


class Normalizer(Component):
    """Keeps inputs or activations on one scale. Subclass one of the two kinds below, not this."""

    kind = "normalizer"


class InputNormalizer(Normalizer):
    """Rescales the inputs before training."""

    def fit(self, x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """A function to apply to any inputs (examples, *features), from the training split's alone.

        It gives floats: of the inputs' own dtype where they are floats, else float64.
        """
        raise NotImplementedError


class HiddenNormalizer(LayerFactory, Normalizer):
    """A normalizer that is a layer, between each hidden product and its activation."""

    kind = "normalizer"
    place = "before_activation"


KINDS: dict[str, type[Component]] = {
    "initializer": Initializer,
    "regularizer": Regularizer,
    "optimizer": Optimizer,
    "schedule": Schedule,
    "normalizer": Normalizer,
}
