"""A `torch.optim.Optimizer` as an optbench optimizer: the one file that knows both.

The foreign optimizer gets parameters that share memory with the flat vector, shaped as torch's own layers have them
(outputs first), and moves them in place. Nothing is copied where a class was seen to work so; see `FLAGS`.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from optbench import ComponentError, Context, Layout, Optimizer, State
from optbench_torch import trees
from optbench_torch.library import torch_module
from optbench_torch.signature import field_of

if TYPE_CHECKING:
    import torch

#: what a class needs, found by running it beside plain torch (see `survey`)
FLAGS = {
    "flat": "elementwise: it sees the whole vector as one tensor",
    "matrix": "it sees kernels as matrices, outputs x (channels x height x width)",
    "copy": "it cannot work on strided memory: parameters and gradients are copied to it and back",
    "fresh": "it keeps gradients: each step gets new ones",
    "random": "it draws from torch's generator, which is the trial's own within each step",
    "numpy": "it draws from NumPy's global generator, which is the trial's own within each step",
    "closure": "it evaluates further gradients",
    "sparse": "it takes sparse gradients: coordinates whose gradient is 0 stay",
    "muon": "its groups say which tensors are matrices",
    "adamw": "it takes matrices only: all other tensors go to torch's AdamW",
}
#: settings of a group that are learning rates: the schedule's factor multiplies them
RATES = ("lr", "adamw_lr", "lr_1d")


@dataclass(frozen=True)
class Spec:
    """What the bridge has to know of a foreign class.

    path       "package.module:Class"
    settings   the constructor's arguments that are hyperparameters, with their defaults; tuples as lists
    fixed      arguments that are always given
    flags      see `FLAGS`
    iterates   keys of its state that hold further iterates, which a constraint must project
    required   arguments without a default
    departs    checks of the conformance kit that the foreign class does not pass, and what it does instead
    """

    path: str
    settings: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    iterates: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    departs: Mapping[str, str] = field(default_factory=dict)

    @property
    def cls(self) -> Any:
        module, _, name = self.path.partition(":")
        torch_module()
        return getattr(import_module(module), name)


class TorchOptimizer(Optimizer):
    """What all bridged optimizers share; `optbench_torch.catalog.component` makes their classes."""

    spec: ClassVar[Spec]
    #: field -> (argument of the constructor, place in it or None)
    places: ClassVar[Mapping[str, tuple[str, int | None]]]

    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments: fields such as beta1 and beta2 put together again."""
        values: dict[str, Any] = {
            name: list(default) if isinstance(default, list) else default
            for name, default in self.spec.settings.items()
        }
        for name, (argument, place) in self.places.items():
            if place is None:
                values[argument] = getattr(self, name)
            else:
                values[argument][place] = getattr(self, name)
        arguments = {k: tuple(v) if isinstance(v, list) else None if v == "none" else v for k, v in values.items()}
        required = {name: getattr(self, field_of(name, TorchOptimizer)) for name in self.spec.required}
        return {**arguments, **required, **self.spec.fixed}

    def session(self, params: np.ndarray, layout: Layout) -> "Session":
        # Of users' own classes a field says whether they evaluate further gradients.
        more = {"closure"} if getattr(self, "closure", False) else set()
        return Session(replace(self.spec, flags=self.spec.flags | more), self.make, params, layout)

    def init(self, params: np.ndarray, layout: Layout) -> State:
        return {"torch": self.session(params, layout)}

    def make(self, tensors: Sequence[Any]) -> list[Any]:
        """The foreign optimizers of these tensors: one, but for methods that leave some tensors to another."""
        arguments = self.arguments()
        flags = self.spec.flags
        matrices = [t for t in tensors if t.ndim > 1]
        rest = [t for t in tensors if t.ndim <= 1]
        try:
            if "muon" in flags:
                groups = [{"params": matrices, "use_muon": True}, {"params": rest, "use_muon": False}]
                return [self.spec.cls([g for g in groups if g["params"]], **arguments)]
            if "adamw" in flags:
                rate = arguments.pop("adamw_lr")
                made = [self.spec.cls(matrices, **arguments)] if matrices else []
                decay = arguments["weight_decay"]
                return made + ([torch_module().optim.AdamW(rest, lr=rate, weight_decay=decay)] if rest else [])
            one = self.spec.cls(list(tensors), **arguments)
            if not isinstance(one, torch_module().optim.Optimizer):  # a user's own function
                raise TypeError(f"{self.spec.path} gave {one!r}, which is not a torch.optim.Optimizer")
            return [one]
        except (TypeError, ValueError) as error:
            raise ComponentError(f"optimizer {self.name}: {error}") from error

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["torch"].step(params, grads, context)

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        return state["torch"].evaluation_params(params)

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        return [params, *state["torch"].iterates()]

    def save(self, state: State) -> State:
        return state["torch"].save()

    def load(self, saved: State, params: np.ndarray, layout: Layout) -> State:
        session = self.session(params, layout)
        session.load(saved)
        return {"torch": session}

    def bridge_seconds(self, params: np.ndarray, layout: Layout) -> float:
        return seconds(self.spec, params, layout)


class Session:
    """One foreign optimizer at work on one flat vector."""

    def __init__(
        self, spec: Spec, make: Callable[[Sequence[Any]], list[Any]], params: np.ndarray, layout: Layout
    ):
        self.torch = torch_module()
        self.spec, self.layout, self.flags = spec, layout, spec.flags
        self.dtype = self.torch.from_numpy(params).dtype
        self.params, self.grads = params, params
        self.copies = "copy" in self.flags
        self.plain = not self.flags & {"random", "numpy"}
        self.shared = self.arrays(params)
        self.own = [a.copy("C") for a in self.shared] if self.copies else self.shared
        self.tensors = [self.torch.nn.Parameter(self.torch.from_numpy(a)) for a in self.own]
        self.slopes: list[np.ndarray] = []
        self.gradients: list[torch.Tensor] = []
        # A constructor that draws has no generator of the trial's yet.
        with self.own_dtype(), self.own_chance(np.random.default_rng(0)):
            self.optimizers = make(self.tensors) if self.tensors else []
        # Schedule-Free methods and their like train and evaluate at different points.
        self.modal = [o for o in self.optimizers if hasattr(o, "train") and hasattr(o, "eval")]
        for optimizer in self.modal:
            optimizer.train()
        self.groups = [group for optimizer in self.optimizers for group in optimizer.param_groups]
        self.rates = [{k: float(g[k]) for k in RATES if isinstance(g.get(k), (int, float))} for g in self.groups]
        self.factor = 1.0
        self.homes: dict[str, tuple[np.ndarray, list[Any]]] = {}
        self.addresses = [t.data_ptr() for t in self.tensors]

    def arrays(self, vector: np.ndarray) -> list[np.ndarray]:
        """The tensors of a flat vector, sharing its memory, as torch's layers have them: weights (outputs, inputs),
        kernels (outputs, channels, height, width)."""
        if self.flags & {"flat", "sparse"}:
            return [vector] if vector.size else []
        found = []
        for tensor in self.layout:
            shape = tensor.shape
            if not tensor.size:  # which many methods divide by
                continue
            if "matrix" in self.flags and len(shape) > 2:
                shape = self.layout.matrix(tensor)
            view = vector[tensor.slice].reshape(shape)
            axes = range(view.ndim)
            found.append(view.transpose(*axes[:-3:-1], *axes[:-2]) if view.ndim > 1 else view)
        return found

    def views(self, vector: np.ndarray) -> "list[torch.Tensor]":
        """The same as torch's tensors."""
        return [self.torch.from_numpy(a) for a in self.arrays(vector)]

    @contextmanager
    def own_dtype(self) -> Iterator[None]:
        """torch's default dtype is the parameters': some optimizers keep their scalars in it, and float32 would allow
        1e-9 at best."""
        before = self.torch.get_default_dtype()
        self.torch.set_default_dtype(self.dtype)
        try:
            yield
        finally:
            self.torch.set_default_dtype(before)

    @contextmanager
    def own_chance(self, rng: np.random.Generator) -> Iterator[None]:
        """Foreign optimizers draw from the generators that a process shares: make that chance the trial's own."""
        if not self.flags & {"random", "numpy"}:
            yield
            return
        number, shared = int(rng.integers(2**32)), self.torch.default_generator
        before = shared.get_state()
        numpys = np.random.get_state() if "numpy" in self.flags else None  # noqa: NPY002
        shared.manual_seed(number)
        if numpys is not None:
            np.random.seed(number)  # noqa: NPY002
        try:
            yield
        finally:
            shared.set_state(before)
            if numpys is not None:
                np.random.set_state(numpys)  # noqa: NPY002

    # ---------------------------------------------------------------------------------------------------- a step

    def step(self, params: np.ndarray, grads: np.ndarray, context: Context) -> None:
        if params is not self.params or grads is not self.grads:
            self._attach(params, grads)
        if context.factor != self.factor:
            self._scale(context.factor)
        if self.copies:
            copy(self.own, self.shared)
        self._give()
        arguments = (self._closure(params, grads, context),) if "closure" in self.flags else ()
        try:
            if self.plain and self.dtype == self.torch.get_default_dtype():
                for optimizer in self.optimizers:
                    optimizer.step(*arguments)
            else:
                with self.own_dtype(), self.own_chance(context.rng):
                    for optimizer in self.optimizers:
                        optimizer.step(*arguments)
        except (ArithmeticError, RuntimeError, ValueError):
            if np.isfinite(params).all() and np.isfinite(grads).all():
                raise
            params.fill(np.nan)  # it refuses what is not finite: a run that diverged, not an error
            return
        self._take_back()

    def _attach(self, params: np.ndarray, grads: np.ndarray) -> None:
        """Work on these arrays from now on: a wrapper may hand over others than at first."""
        if params is not self.params:
            self.params, self.shared = params, self.arrays(params)
            if not self.copies:
                self.own = self.shared
                for tensor, array in zip(self.tensors, self.own, strict=True):
                    tensor.data = self.torch.from_numpy(array)
                self.addresses = [t.data_ptr() for t in self.tensors]
        if grads is not self.grads:
            self.grads, self.slopes = grads, self.arrays(grads)
            self.gradients = self.views(grads)

    def _give(self) -> None:
        """Put the gradients in their place: anew in each step, since an optimizer may have put something else there."""
        if self.copies:
            self.gradients = [self.torch.from_numpy(a.copy("C")) for a in self.slopes]
        for tensor, gradient in zip(self.tensors, self.gradients, strict=True):
            if "sparse" in self.flags:
                gradient = gradient.to_sparse()
            elif "fresh" in self.flags:
                gradient = gradient.clone()
            tensor.grad = gradient

    def _take_back(self) -> None:
        """The parameters into the flat vector, where they are not there already."""
        for tensor, own, address in zip(self.tensors, self.own, self.addresses, strict=True):
            if tensor.data_ptr() != address:  # it put other memory in place of ours
                np.copyto(own, tensor.detach().numpy())
                tensor.data = self.torch.from_numpy(own)
        if self.copies:
            copy(self.shared, self.own)

    def _scale(self, factor: float) -> None:
        self.factor = factor
        for group, rates in zip(self.groups, self.rates, strict=True):
            for name, rate in rates.items():
                group[name] = rate * factor

    def _closure(self, params: np.ndarray, grads: np.ndarray, context: Context) -> "Callable[[], torch.Tensor]":
        """What torch calls a closure: the loss where the parameters are now, with new gradients put in place."""
        start, known = params.copy(), grads.copy()
        first = True

        def closure() -> "torch.Tensor":
            nonlocal first
            self._take_back()
            if first and np.array_equal(params, start):
                # Where the step began, the gradient is known: no evaluation to be counted.
                loss, gradient = context.loss, known
            else:
                loss, gradient = context.gradient(params)
                gradient = gradient.copy()
            first = False
            self._attach(params, gradient)
            self._give()
            return self.torch.tensor(loss, dtype=self.tensors[0].dtype)

        return closure

    # ----------------------------------------------------------------------------------------------- other points

    def evaluation_params(self, params: np.ndarray) -> np.ndarray:
        if not self.modal:
            return params
        before = params.copy()
        for optimizer in self.modal:
            optimizer.eval()
        self._take_back()
        found = params.copy()
        for optimizer in self.modal:
            optimizer.train()
        # Going there and back would leave rounding errors: training must not notice an evaluation.
        params[...] = before
        if self.copies:
            copy(self.own, self.shared)
        return found

    def iterates(self) -> list[np.ndarray]:
        """Further iterates as flat vectors, in which the foreign state lives from now on."""
        found = []
        for key in self.spec.iterates:
            states = [self._state(t) for t in self.tensors]
            if not (states and all(key in s for s in states)):
                continue
            if key not in self.homes or any(
                s[key] is not v for s, v in zip(states, self.homes[key][1], strict=True)
            ):
                flat = np.empty_like(self.params)
                views = self.views(flat)
                for state, view in zip(states, views, strict=True):
                    view.copy_(state[key])
                    state[key] = view
                self.homes[key] = flat, views
            found.append(self.homes[key][0])
        return found

    def _state(self, tensor: Any) -> dict[str, Any]:
        return next((o.state[tensor] for o in self.optimizers if tensor in o.state), {})

    # ------------------------------------------------------------------------------------------------ checkpoints

    def save(self) -> State:
        saved = [trees.save_optimizer(optimizer, self.tensors) for optimizer in self.optimizers]
        return {"factor": self.factor, "optimizers": saved}

    def load(self, saved: State) -> None:
        self.factor = saved["factor"]
        for optimizer, tree in zip(self.optimizers, saved["optimizers"], strict=True):
            trees.load_optimizer(optimizer, tree, self.tensors)


def copy(to: Sequence[np.ndarray], source: Sequence[np.ndarray]) -> None:
    # NumPy's copies of small arrays take a third of torch's time.
    for a, b in zip(to, source, strict=True):
        np.copyto(a, b)


def seconds(spec: Spec, params: np.ndarray, layout: Layout, rounds: int = 7, steps: int = 40) -> float:
    """Seconds of a step of this bridge around an optimizer that does nothing: the median of some rounds."""
    torch = torch_module()

    class Nothing(torch.optim.Optimizer):  # type: ignore[name-defined]
        def __init__(self, tensors):
            super().__init__(tensors, {"lr": 0.0})

        @torch.no_grad()
        def step(self, closure=None):
            if closure is not None:
                closure()

    def loss() -> float:
        return 0.0

    grads = np.zeros_like(params)
    session = Session(spec, lambda tensors: [Nothing(tensors)], params, layout)
    context = Context(layout, loss=loss)
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(steps):
            session.step(params, grads, context)
        taken.append((time.perf_counter() - start) / steps)
    return float(np.median(taken))
