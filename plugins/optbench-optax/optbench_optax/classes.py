"""The component class of each row of the table, and the methods that need more than settings."""

import warnings
from dataclasses import field, make_dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np

from optbench import ComponentError, Context, State, hyper
from optbench_optax.bridge import Optax
from optbench_optax.program import Live
from optbench_optax.table import RATES, Row


@cache
def libraries() -> str:
    """The libraries that do the arithmetic, with their versions: part of a trial's key."""
    return f"optax {version('optax')}, jax {version('jax')}"


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
