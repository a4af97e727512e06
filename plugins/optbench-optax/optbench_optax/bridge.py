"""An optax transformation as an optbench optimizer.

The flat vector goes into one compiled function, which cuts it into the tree of tensors that the transformation sees,
so that methods that treat matrices as such do. jax copies: one step costs two copies in and one out. The state is
kept as jax has it; `save` gives its leaves, `load` puts them into the tree that the transformation's `init` has.
"""

import os
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, make_dataclass, replace
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np

from optbench import Context, Optimizer, hyper
from optbench.components import ComponentError, State
from optbench.nn.layout import Layout
from optbench_optax.table import RATES, Row


@cache
def libraries() -> str:
    """The libraries that do the arithmetic, with their versions: part of a trial's key."""
    return f"optax {version('optax')}, jax {version('jax')}"


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


class Optax(Optimizer):
    """The base of all: subclasses say which transformation."""

    #: "value": it asks for the loss; "search": for the loss as a function; "gradient": for the gradient as one
    needs: ClassVar[str] = ""
    #: which argument is the rate; "": none
    rate_argument: ClassVar[str] = "learning_rate"
    #: settings with a None in optax, which stands here as 0
    optional: ClassVar[frozenset[str]] = frozenset()

    # ---------------------------------------------------------------------------------------- what subclasses say

    def factory(self) -> Callable[..., Any]:
        """optax's function, which makes the transformation."""
        raise NotImplementedError

    def arguments(self, dtype: Any) -> dict[str, Any]:
        """The settings as optax wants them, without the rate."""
        return {
            name: None if name in self.optional and getattr(self, name) == 0 else getattr(self, name)
            for name in type(self).hyperparameters()
            if name != "lr"
        }

    def transformation(self, rate: Any, factor: Any, dtype: Any) -> Any:
        """optax's transformation at this rate times the schedule's factor. Both may be tracers: it is made anew in
        each trace."""
        arguments = self.arguments(dtype)
        if self.rate_argument:
            arguments[self.rate_argument] = rate * factor
        return self.factory()(**arguments)

    def rate(self) -> float:
        return float(self.lr)  # type: ignore[attr-defined]

    def without_rate(self) -> "Optax":
        """The same at the rate 1: what is compiled serves all rates."""
        return replace(self, lr=1.0)  # type: ignore[type-var]

    # --------------------------------------------------------------------------------------------- the contract

    def init(self, params: np.ndarray, layout: Layout) -> State:
        program = self._program(params, layout)
        return {"live": Live(program, program.init(params, self.rate()))}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        live: Live = state["live"]
        if not live.seeded:
            live.seed(context)
        value = context.loss if self.needs in ("value", "search") else 0.0
        scalars = (self.rate(), context.factor, value)
        live.tree = live.program.step(params, grads, live.tree, scalars, context)

    def save(self, state: State) -> State:
        live: Live = state["live"]
        return {"leaves": live.program.leaves(live.tree), "seeded": live.seeded}

    def load(self, saved: State, params: np.ndarray, layout: Layout) -> State:
        program = self._program(params, layout)
        return {"live": Live(program, program.tree(saved["leaves"], params), saved["seeded"])}

    def _program(self, params: np.ndarray, layout: Layout) -> "Program":
        return _program(self.without_rate(), layout, params.dtype.str, threading.get_ident())

    def bridge_seconds(self, params: np.ndarray, layout: Layout) -> float:
        idle = Idle()
        state, context, grads, rounds = idle.init(params, layout), Context(layout), np.ones_like(params), []
        for _ in range(7):
            start = time.perf_counter()
            for _ in range(20):
                idle.step(params, grads, state, context)
            rounds.append((time.perf_counter() - start) / 20)
        return float(np.median(rounds[1:]))


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

    def __init__(self, component: Optax, layout: Layout, dtype: np.dtype):
        prepare()
        import jax

        self.component, self.layout, self.dtype = component, layout, dtype
        self.context: Context | None = None
        self._update = jax.jit(self._traced)
        self._init = jax.jit(lambda flat, rate: self._transformation(rate, 1.0).init(self._cut(flat)))

    def __deepcopy__(self, memo: Any) -> "Program":
        return self

    def precision(self) -> AbstractContextManager:
        """jax makes everything float32 unless told otherwise; only this thread and this moment are told."""
        import jax

        return jax.enable_x64(self.dtype == np.float64)

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
        with self.precision():
            # A copy: jax may look into our memory for as long as the state lives.
            return self._init(params.copy(), self.dtype.type(rate))

    def step(
        self, params: np.ndarray, grads: np.ndarray, tree: Any, scalars: tuple[float, ...], context: Context
    ) -> Any:
        """Moves the parameters; returns the new state."""
        self.context = context
        numbers = tuple(self.dtype.type(value) for value in scalars)
        with self.precision():
            new, tree = self._update(params.copy(), grads.copy(), tree, numbers)
            # Tensor by tensor: jax's own concatenation takes ten times as long.
            for tensor in self.layout:
                params[tensor.slice] = np.asarray(new[tensor.name]).reshape(-1)
            return tree

    def leaves(self, tree: Any) -> dict[str, np.ndarray]:
        import jax

        with self.precision():
            arrays = [jax.random.key_data(a) if is_key(a) else a for a in jax.tree.leaves(tree)]
            return {str(place): np.asarray(a) for place, a in enumerate(arrays)}

    def tree(self, leaves: Mapping[str, np.ndarray], params: np.ndarray) -> Any:
        import jax
        import jax.numpy as jnp

        with self.precision():
            shape = jax.eval_shape(self._init, params, self.dtype.type(1))
            structure, arrays = jax.tree.structure(shape), []
            for place, kind in enumerate(jax.tree.leaves(shape)):
                array = jnp.array(leaves[str(place)])  # a copy
                arrays.append(jax.random.wrap_key_data(array) if is_key(kind) else array)
        return jax.tree.unflatten(structure, arrays)


def is_key(leaf: Any) -> bool:
    import jax

    return jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)


@lru_cache(maxsize=128)
def _program(component: Optax, layout: Layout, dtype: str, thread: int) -> Program:
    return Program(component, layout, np.dtype(dtype))


# ------------------------------------------------------------------------------------------------------- the classes


def offered(row: Row, bases: tuple[type, ...] = (Optax,), **more: Any) -> type[Optax]:
    """The component class of a row of the table."""
    fields: list[tuple[str, type, Any]] = []
    if row.rate:
        fields.append(("lr", float, rate_of(row.family, row.lr)))
    fields += [(name, *setting(name, value)) for name, value in row.settings.items()]
    optional = frozenset(name for name, value in row.settings.items() if value is None)
    namespace = {
        "__doc__": f"{row.home}.{row.name}, compiled by jax. Its formula is in optax's documentation.",
        "__module__": __name__,
        "name": f"optax/{row.name}",
        "reference": row.reference,
        "bridge": libraries(),
        "needs": row.needs,
        "rate_argument": row.rate,
        "optional": optional,
        "moves_without_gradient": row.moves,
        "factory": lambda self: getattr(import_module(row.home), row.name),
        **more,
    }
    return make_dataclass(f"Optax_{row.name}", fields, bases=bases, frozen=True, namespace=namespace)


def rate_of(family: str, lr: float | None = None) -> Any:
    default, low, high = RATES[family]
    return hyper(
        default if lr is None else lr, low=low, high=high, scale="log", valid="[0, inf)", help="learning rate"
    )


def setting(name: str, value: Any) -> tuple[type, Any]:
    """(type, field) of a setting: searched only where a suite gives a range."""
    if value is None:
        whole = name == "warmup_steps"
        return (int if whole else float), hyper(0 if whole else 0.0, priority=3, help="0: not given to optax")
    valid = None
    if isinstance(value, float) and value >= 0 and name not in ("lower_bound", "f_min"):
        valid = "[0, inf)"
    return type(value), hyper(value, valid=valid, priority=3)


class Special(Optax):
    """What needs one more argument than settings give, or warns of its age."""

    def transformation(self, rate: Any, factor: Any, dtype: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return super().transformation(rate, factor, dtype)

    def arguments(self, dtype: Any) -> dict[str, Any]:
        arguments = super().arguments(dtype)
        if self.name == "optax/adafactor":
            arguments["dtype_momentum"] = dtype
        if self.name == "optax/noisy_sgd":
            arguments["key"] = 0  # each trial gets a key of its own, see `Live.seed`
        return arguments


class Rprop(Optax):
    """Its rate is the first step's size only: the schedule multiplies its updates."""

    def transformation(self, rate: Any, factor: Any, dtype: Any) -> Any:
        import optax

        return optax.chain(super().transformation(rate, 1.0, dtype), optax.scale(factor))


class ScheduleFree(Optax):
    """Schedule-Free: optax's parameters are y; x, which is evaluated, is computed from y and z.

    A constraint holds y and z. x lies on the line through both, a little beyond them, and may leave the set.
    """

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        # optax's schedule_free_eval_params, without jax.
        z, b1 = self._z(state), float(state["live"].tree.b1)
        return ((params - (1 - b1) * z) / b1).astype(params.dtype, copy=False)

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        state["z"] = self._z(state)
        return [params, state["z"]]

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        self._put_back(state)
        super().step(params, grads, state, context)

    def save(self, state: State) -> State:
        self._put_back(state)
        return super().save(state)

    def _z(self, state: State) -> np.ndarray:
        if "z" in state:
            return state["z"]
        live: Live = state["live"]
        flat = np.empty(live.program.layout.size, live.program.dtype)
        for name, view in live.program.layout.views(flat).items():
            view[...] = np.reshape(live.tree.z[name], view.shape)
        return flat

    def _put_back(self, state: State) -> None:
        """z into jax's state, after a constraint may have projected it."""
        if "z" in state:
            live: Live = state["live"]
            views = live.program.layout.views(state.pop("z"))
            live.tree = live.tree._replace(z={name: np.atleast_1d(view).copy() for name, view in views.items()})


class Wrapped(Optax):
    """Holds another optax optimizer as `inner`, whose rate it uses."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.inner, Optax):  # type: ignore[attr-defined]
            raise ComponentError(
                f'optimizer {self.name}: inner must be an optax optimizer such as {{ name = "optax/adam" }}, '
                f"got {self.inner!r}"  # type: ignore[attr-defined]
            )
        if self.inner.needs:  # type: ignore[attr-defined]
            raise ComponentError(
                f"optimizer {self.name}: {self.inner.name} asks for the {self.inner.needs}, "  # type: ignore
                "and optax passes none to an inner optimizer"
            )

    def rate(self) -> float:
        return self.inner.rate()  # type: ignore[attr-defined]

    def without_rate(self) -> Optax:
        return replace(self, inner=self.inner.without_rate())  # type: ignore

    def transformation(self, rate: Any, factor: Any, dtype: Any) -> Any:
        import optax

        inner, arguments = self.inner.transformation(rate, factor, dtype), self.arguments(dtype)  # type: ignore
        kind = self.name.partition("/")[2]
        if kind == "sam":
            rho = arguments.pop("rho")
            uphill = optax.chain(optax.contrib.normalize(), optax.sgd(rho))
            return self.factory()(inner, uphill, opaque_mode=True, **arguments)
        if kind == "reduce_on_plateau":
            return optax.chain(inner, self.factory()(**arguments))
        if kind == "schedule_free":
            return self.factory()(inner, rate * factor, **arguments)
        return self.factory()(inner, **arguments)


class WrappedScheduleFree(ScheduleFree, Wrapped):
    pass


def wrapper(row: Row, inner: type[Optax]) -> type[Optax]:
    base = WrappedScheduleFree if row.name == "schedule_free" else Wrapped
    holder = make_dataclass("Holder", [("inner", Optax, field(default=inner()))], bases=(base,), frozen=True)
    return offered(row, (holder,))


class Idle(Optax):
    """Does nothing: what is left is the bridge."""

    name = "optax/idle"
    rate_argument = ""

    def transformation(self, rate: Any, factor: Any, dtype: Any) -> Any:
        import optax

        return optax.identity()

    def rate(self) -> float:
        return 1.0

    def without_rate(self) -> Optax:
        return self
