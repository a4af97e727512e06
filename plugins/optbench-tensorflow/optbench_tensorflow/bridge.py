"""A Keras optimizer as an optbench optimizer.

Keras keeps its state in variables, and so its optimizer lives in a `Session`: variables for the tensors, the optimizer
built on them, and one traced function that takes the flat vector in, applies a step and gives it back. TensorFlow
copies: one step costs two copies in and one out. A trace takes most of a second, so sessions are used again by later
trainings with the same settings but for the rate.
"""

import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import make_dataclass, replace
from typing import Any, ClassVar

import numpy as np

from optbench import ComponentError, Context, Layout, OptbenchError, Optimizer, State, hyper
from optbench_tensorflow.library import floats, keras, libraries
from optbench_tensorflow.table import SHARED, Row


class Keras(Optimizer):
    """The base of all: subclasses say which class."""

    #: settings with a None in Keras, which stands here as 0
    optional: ClassVar[frozenset[str]] = frozenset()
    #: settings must be Python's floats
    plain: ClassVar[bool] = True

    def factory(self) -> Callable[..., Any]:
        """The Keras class."""
        raise NotImplementedError

    def make(self, rate: Callable[[], Any], dtype: str) -> Any:
        """The Keras optimizer, whose rate is what `rate()` gives."""
        arguments: dict[str, Any] = {}
        for name in type(self).hyperparameters():
            value = getattr(self, name)
            if name in self.optional and value == 0:
                value = None
            elif isinstance(value, float) and dtype == "float64" and not self.plain:
                value = np.float64(value)  # of a Python float, TensorFlow's cast makes a float32 first
            if name != "lr":
                arguments[name] = value
        try:
            return self.factory()(learning_rate=rate, **arguments)
        except (TypeError, ValueError) as error:
            raise ComponentError(f"optimizer {self.name}: {error}") from error

    def init(self, params: np.ndarray, layout: Layout) -> State:
        live = self._live(params, layout)
        live.session.reset(params)
        return {"keras": live}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["keras"].session.step(params, grads, self.lr * context.factor)  # type: ignore[attr-defined]

    def save(self, state: State) -> State:
        return state["keras"].session.save()

    def load(self, saved: State, params: np.ndarray, layout: Layout) -> State:
        live = self._live(params, layout)
        live.session.load(saved)
        return {"keras": live}

    def _live(self, params: np.ndarray, layout: Layout) -> "Live":
        # Compiled for all rates; variables belong to one thread.
        same = replace(self, lr=1.0)  # type: ignore[type-var]
        return Live((same, layout, params.dtype.name, threading.get_ident()))

    def bridge_seconds(self, params: np.ndarray, layout: Layout) -> float:
        return seconds(params, layout)


class Live:
    """One training's session, which goes back to the others when the training is gone."""

    spare: ClassVar[dict[Any, list["Session"]]] = {}

    def __init__(self, key: tuple[Keras, Layout, str, int]):
        free = self.spare.setdefault(key, [])
        self.session = free.pop() if free else Session(key[0].make, key[1], key[2])
        weakref.finalize(self, free.append, self.session)


class Session:
    """A Keras optimizer at work on variables of its own."""

    def __init__(self, make: Callable[[Callable[[], Any], str], Any], layout: Layout, dtype: str):
        library = keras()  # first: it says how TensorFlow is to be imported
        import tensorflow as tf

        with floats(dtype):
            self.dtype, self.layout = dtype, layout
            self.rate: Any = tf.constant(1.0, dtype)
            self.tensors = [t for t in layout if t.size]
            self.variables = [
                library.Variable(np.zeros(t.shape), dtype=dtype, name=f"tensor_{number}")
                for number, t in enumerate(self.tensors)
            ]
            # A rate that is a number would be kept in float32.
            self.optimizer = make(lambda: self.rate, dtype)
            self.optimizer.build(self.variables)
        self.first = self.save()
        vector = tf.TensorSpec([layout.size], dtype)
        # Concrete: twice as fast to call as one that looks at its arguments first.
        self._step = tf.function(self._traced).get_concrete_function(vector, vector, tf.TensorSpec([], dtype))

    def _traced(self, params: Any, grads: Any, rate: Any) -> Any:
        import tensorflow as tf

        self.rate = rate
        for variable, value in zip(self.variables, self._cut(params), strict=True):
            variable.assign(value)
        with floats(self.dtype):
            self.optimizer.apply(self._cut(grads))
        return tf.concat([tf.reshape(v.value, [-1]) for v in self.variables] or [params], 0)

    def _cut(self, flat: Any) -> list[Any]:
        import tensorflow as tf

        parts = tf.split(flat, [t.size for t in self.tensors]) if self.tensors else []
        return [tf.reshape(part, t.shape) for part, t in zip(parts, self.tensors, strict=True)]

    def step(self, params: np.ndarray, grads: np.ndarray, rate: float) -> None:
        from tensorflow import constant

        # Copies: TensorFlow may keep looking into memory that it was given, and both vectors are written anew.
        new = self._step(constant(params.copy()), constant(grads.copy()), constant(rate, self.dtype))
        params[...] = new.numpy()

    def save(self) -> dict[str, np.ndarray]:
        return {str(place): np.array(variable.numpy()) for place, variable in enumerate(self.optimizer.variables)}

    def load(self, saved: Mapping[str, np.ndarray]) -> None:
        for place, variable in enumerate(self.optimizer.variables):
            variable.assign(saved[str(place)])

    def reset(self, params: np.ndarray) -> None:
        """As at the start of a training from here."""
        self.load(self.first)
        if isinstance(self.optimizer, keras().optimizers.ScheduleFreeAdamW):
            for variable, tensor in zip(self.z, self.tensors, strict=True):
                variable.assign(params[tensor.slice].reshape(tensor.shape))

    @property
    def z(self) -> list[Any]:
        """Schedule-Free's base iterate, which Keras calls momentum and builds as a copy of the parameters."""
        return self.optimizer._momentums


class ScheduleFree(Keras):
    """Schedule-Free: Keras's parameters are y; x, which is evaluated, is computed from y and z.

    A constraint holds y and z. x lies on the line through both, a little beyond them, and may leave the set.
    """

    def evaluation_params(self, params: np.ndarray, state: State) -> np.ndarray:
        beta = self.beta_1  # type: ignore[attr-defined]
        return ((params - (1 - beta) * self._z(params, state)) / beta).astype(params.dtype, copy=False)

    def iterates(self, params: np.ndarray, state: State) -> list[np.ndarray]:
        state["z"] = self._z(params, state)
        return [params, state["z"]]

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        self._put_back(state)
        super().step(params, grads, state, context)

    def save(self, state: State) -> State:
        self._put_back(state)
        return super().save(state)

    def _z(self, params: np.ndarray, state: State) -> np.ndarray:
        if "z" in state:
            return state["z"]
        session = state["keras"].session
        flat = np.zeros_like(params)
        for variable, tensor in zip(session.z, session.tensors, strict=True):
            flat[tensor.slice] = variable.numpy().reshape(-1)
        return flat

    def _put_back(self, state: State) -> None:
        """z into Keras's variables, after a constraint may have projected it."""
        if "z" in state:
            session, z = state["keras"].session, state.pop("z")
            for variable, tensor in zip(session.z, session.tensors, strict=True):
                variable.assign(z[tensor.slice].reshape(tensor.shape))


def seconds(params: np.ndarray, layout: Layout, rounds: int = 7, steps: int = 20) -> float:
    """Seconds of a step of this bridge around an optimizer that does nothing: the median of some rounds."""

    class Nothing(keras().optimizers.Optimizer):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            pass

    session = Session(lambda rate, _: Nothing(learning_rate=rate), layout, params.dtype.name)
    grads, taken = np.ones_like(params), []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(steps):
            session.step(params, grads, 1.0)
        taken.append((time.perf_counter() - start) / steps)
    return float(np.median(taken[1:]))


# ------------------------------------------------------------------------------------------------------- the classes


def offered(row: Row) -> type[Keras]:
    """The component class of a row of the table."""
    settings = {**SHARED, **row.settings}
    namespace = {
        "__doc__": f"keras.optimizers.{row.cls}, on TensorFlow. Its formula is in Keras's documentation.",
        "name": f"keras/{row.name}",
        "reference": row.reference,
        "bridge": libraries(),
        "moves_without_gradient": row.moves,
        "plain": row.plain,
        "factory": lambda self: getattr(keras().optimizers, row.cls),
    }
    base = ScheduleFree if row.cls == "ScheduleFreeAdamW" else Keras
    return component(f"Keras_{row.cls}", base, row.lr, settings, namespace)


def component(
    title: str,
    base: type[Keras],
    lr: tuple[float, float, float],
    settings: Mapping[str, Any],
    namespace: dict[str, Any],
) -> type[Keras]:
    default, low, high = lr
    rate = hyper(default, low=low, high=high, scale="log", valid="[0, inf)", help="learning rate")
    fields: list[tuple[str, type, Any]] = [("lr", float, rate)]
    for name, value in settings.items():
        if value is None:
            fields.append((name, float, hyper(0.0, valid="[0, inf)", priority=3, help="0: none")))
        else:
            fields.append((name, type(value), hyper(value, priority=3)))
    optional = frozenset(name for name in settings if settings[name] is None or name == "weight_decay")
    return make_dataclass(
        title, fields, bases=(base,), frozen=True,
        namespace={"__module__": __name__, "optional": optional, **namespace},
    )  # fmt: skip


def own(path: str, found: Any, shared: dict[str, Any]) -> type[Keras]:
    """The component class of a user's own Keras optimizer."""
    import inspect

    if not (isinstance(found, type) and issubclass(found, keras().optimizers.Optimizer)):
        raise OptbenchError(f"{path} is {found!r}: expected a class that is a keras.optimizers.Optimizer")
    parameters = {
        name: p
        for name, p in inspect.signature(found).parameters.items()
        if p.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    }
    variadic = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in inspect.signature(found).parameters.values())
    if "learning_rate" not in parameters and not variadic:
        raise OptbenchError(f"{path}: a Keras optimizer has an argument learning_rate")
    rate = parameters.pop("learning_rate", None)
    settings: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty:
            raise OptbenchError(f"{path}: give the argument {name!r} a default")
        if name in SHARED or (isinstance(parameter.default, (bool, int, float, str)) and name != "name"):
            settings[name] = parameter.default
    default = rate.default if rate is not None and isinstance(rate.default, float) else 1e-3
    lr = (default, min(1e-5, default or 1e-5), max(0.1, default))
    namespace = {**shared, "__doc__": inspect.getdoc(found) or f"{path}, on TensorFlow.", "factory": lambda self: found}
    return component("Own", Keras, lr, settings, namespace)
