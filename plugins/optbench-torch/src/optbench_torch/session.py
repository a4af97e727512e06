"""One foreign optimizer at work on one flat vector.

It gets parameters that share memory with the vector, shaped as torch's own layers have them (outputs first), and moves
them in place. Nothing is copied where a class was seen to work so; see `FLAGS`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench import Context, Layout, State
from optbench_torch import trees
from optbench_torch.chance import default_dtype
from optbench_torch.library import torch_module
from optbench_torch.spec import Spec

if TYPE_CHECKING:
    import torch

#: settings of a group that are learning rates: the schedule's factor multiplies them
RATES = ("lr", "adamw_lr", "lr_1d")


class Session:
    """The foreign optimizers that `make` gives for the tensors of `params`, and what lies between."""

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

    def own_dtype(self) -> AbstractContextManager[None]:
        """torch's default dtype is the parameters': some optimizers keep their scalars in it, and float32 would allow
        1e-9 at best."""
        return default_dtype(self.dtype)

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
