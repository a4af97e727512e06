"""An optax transformation, compiled by jax for one layout.

The flat vector goes into one compiled function, which cuts it into the tree of tensors that the transformation sees,
so that methods that treat matrices as such do. jax copies: one step costs two copies in and one out.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from optbench import Context, Layout


class Transformed(Protocol):
    """What a program needs of the component that it is compiled for."""

    needs: ClassVar[str]

    def transformation(self, rate: Any, factor: Any, dtype: Any) -> Any: ...


def prepare() -> None:
    """Settings of jax, which it reads when it computes for the first time in a process.

    The processor, and no threads within an operation, like everything that is timed. On a machine of one core, jax
    would wait forever for its one thread to bring the arguments of a callback that this very thread is running.
    """
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores < 2:
        os.environ.setdefault("NPROC", "2")
    flag = "--xla_cpu_multi_thread_eigen=false"
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_cpu_multi_thread_eigen" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {flag}".strip()


def precision(dtype: np.dtype) -> AbstractContextManager:
    """jax makes everything float32 unless told otherwise; only this thread and this moment are told."""
    import jax

    return jax.enable_x64(dtype == np.float64)


@dataclass
class Live:
    """One training's state: what was compiled for it, and the tree that optax has."""

    program: "Program"
    tree: Any
    seeded: bool = False

    def seed(self, context: Context) -> None:
        """Random keys of this trial's own, where the state has any; `init` has no generator to draw them from."""
        import jax

        leaves, structure = jax.tree.flatten(self.tree)
        for place, leaf in enumerate(leaves):
            if is_key(leaf):
                leaves[place] = jax.random.key(int(context.rng.integers(2**31)))
        self.tree, self.seeded = jax.tree.unflatten(structure, leaves), True


class Program:
    """A transformation, compiled for one layout and dtype; belongs to one thread."""

    def __init__(self, component: Transformed, layout: Layout, dtype: np.dtype):
        prepare()
        import jax

        self.component, self.layout, self.dtype = component, layout, dtype
        self.context: Context | None = None
        self._update = jax.jit(self._traced)
        self._init = jax.jit(lambda flat, rate: self._transformation(rate, 1.0).init(self._cut(flat)))

    def __deepcopy__(self, memo: Any) -> "Program":
        return self

    def _transformation(self, rate: Any, factor: Any) -> Any:
        import optax

        made = self.component.transformation(rate, factor, self.dtype)
        return optax.with_extra_args_support(made)

    def _cut(self, flat: Any) -> dict[str, Any]:
        # Of a scalar, a vector of one: some transformations have no way for scalars.
        return {t.name: flat[t.slice].reshape(t.shape or (1,)) for t in self.layout}

    def _join(self, tree: Mapping[str, Any]) -> Any:
        import jax.numpy as jnp

        parts = [tree[t.name].reshape(-1) for t in self.layout]
        return jnp.concatenate(parts) if parts else jnp.zeros(0, self.dtype)

    def _traced(self, flat: Any, grads: Any, tree: Any, scalars: Any) -> tuple[Any, Any]:
        import optax

        rate, factor, value = scalars
        params, gradient, extra = self._cut(flat), self._cut(grads), {}
        if self.component.needs in ("value", "search"):
            extra = {"value": value}
        if self.component.needs == "search":
            extra |= {"grad": gradient, "value_fn": self._loss_function()}
        if self.component.needs == "gradient":
            extra = {"grad_fn": lambda at, _: self._cut(self._ask(self._join(at))[1])}
        updates, tree = self._transformation(rate, factor).update(gradient, tree, params, **extra)
        return optax.apply_updates(params, updates), tree

    def _ask(self, flat: Any) -> tuple[Any, Any]:
        """The mini-batch's loss and gradient at other parameters, from within compiled code."""
        import jax
        from jax.lax import bitcast_convert_type

        # Callbacks run in a thread of jax's own, where float64 would become float32: pass its bits.
        wide = self.dtype == np.float64
        shape = (self.layout.size + 1,)
        result = jax.ShapeDtypeStruct((*shape, 2), np.uint32) if wide else jax.ShapeDtypeStruct(shape, self.dtype)
        answer = jax.pure_callback(self._answer, result, bitcast_convert_type(flat, np.uint32) if wide else flat)
        if wide:
            answer = bitcast_convert_type(answer, self.dtype)
        return answer[0], answer[1:]

    def _answer(self, flat: Any) -> np.ndarray:
        assert self.context is not None
        loss, gradient = self.context.gradient(np.array(flat).view(self.dtype).reshape(-1))
        answer = np.concatenate([[loss], gradient]).astype(self.dtype, copy=False)
        return answer.view(np.uint32).reshape(-1, 2) if self.dtype == np.float64 else answer

    def _loss_function(self) -> Callable[[Any], Any]:
        """The loss of a tree, with a gradient that jax need not know how to take."""
        import jax

        @jax.custom_vjp
        def loss(tree: Any) -> Any:
            return self._ask(self._join(tree))[0]

        def forward(tree: Any) -> tuple[Any, Any]:
            return self._ask(self._join(tree))

        def backward(gradient: Any, cotangent: Any) -> tuple[Any]:
            return (self._cut(cotangent * gradient),)

        loss.defvjp(forward, backward)
        return loss

    def init(self, params: np.ndarray, rate: float) -> Any:
        with precision(self.dtype):
            # A copy: jax may look into our memory for as long as the state lives.
            return self._init(params.copy(), self.dtype.type(rate))

    def step(
        self, params: np.ndarray, grads: np.ndarray, tree: Any, scalars: tuple[float, ...], context: Context
    ) -> Any:
        """Moves the parameters; returns the new state."""
        self.context = context
        numbers = tuple(self.dtype.type(value) for value in scalars)
        with precision(self.dtype):
            new, tree = self._update(params.copy(), grads.copy(), tree, numbers)
            # Tensor by tensor: jax's own concatenation takes ten times as long.
            for tensor in self.layout:
                params[tensor.slice] = np.asarray(new[tensor.name]).reshape(-1)
            return tree

    def leaves(self, tree: Any) -> dict[str, np.ndarray]:
        import jax

        with precision(self.dtype):
            arrays = [jax.random.key_data(a) if is_key(a) else a for a in jax.tree.leaves(tree)]
            return {str(place): np.asarray(a) for place, a in enumerate(arrays)}

    def tree(self, leaves: Mapping[str, np.ndarray], params: np.ndarray) -> Any:
        import jax
        import jax.numpy as jnp

        with precision(self.dtype):
            shape = jax.eval_shape(self._init, params, self.dtype.type(1))
            structure, arrays = jax.tree.structure(shape), []
            for place, kind in enumerate(jax.tree.leaves(shape)):
                array = jnp.array(leaves[str(place)])  # a copy
                arrays.append(jax.random.wrap_key_data(array) if is_key(kind) else array)
        return jax.tree.unflatten(structure, arrays)


def is_key(leaf: Any) -> bool:
    import jax

    return jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)
