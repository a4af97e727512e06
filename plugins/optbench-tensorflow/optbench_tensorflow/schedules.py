"""A Keras schedule as an optbench schedule: all its factors are computed once, for the whole budget."""

import inspect
from dataclasses import make_dataclass
from functools import lru_cache
from typing import Any, ClassVar

from optbench import ComponentError, OptbenchError, Progress, Schedule, hyper
from optbench_tensorflow.library import floats, keras, libraries
from optbench_tensorflow.table import Curve


class KerasSchedule(Schedule):
    """The base of all: subclasses say which class."""

    #: settings that are numbers of steps, or shares of the budget
    steps: ClassVar[tuple[str, ...]] = ()
    #: settings with a None in Keras, which stands here as 0
    optional: ClassVar[frozenset[str]] = frozenset()

    def factory(self) -> Any:
        """The Keras class."""
        raise NotImplementedError

    def factor(self, progress: Progress) -> float:
        return _factors(self, progress.total_steps)[min(progress.step, progress.total_steps)]

    def make(self, total: int) -> Any:
        """Keras's schedule for a budget of so many steps."""
        arguments = {name: self._setting(name, total) for name in type(self).hyperparameters()}
        try:
            return self.factory()(**arguments)
        except (TypeError, ValueError) as error:
            raise ComponentError(f"schedule {self.name}: {error}") from error

    def _setting(self, name: str, total: int) -> Any:
        value = getattr(self, name)
        if name in self.optional and value == 0:
            return None
        if isinstance(value, tuple):
            return [in_steps(v, total) for v in value] if name in self.steps else list(value)
        return in_steps(value, total) if name in self.steps else value


def in_steps(value: float, total: int) -> int:
    """A share of the budget up to 1, or a number of steps."""
    return round(value * total) if value <= 1 else round(value)


@lru_cache(maxsize=64)
def _factors(schedule: KerasSchedule, total: int) -> list[float]:
    keras()
    import tensorflow as tf

    with floats("float64"):
        made = schedule.make(total)
        if not isinstance(made, keras().optimizers.schedules.LearningRateSchedule):
            raise ComponentError(f"schedule {schedule.name}: got {made!r}, not a LearningRateSchedule")

        def one(step: Any) -> Any:
            return tf.cast(made(step), tf.float64)

        steps, spots = tf.range(total + 1), sorted({0, 1, total // 3, total // 2, total})
        try:  # all at once, which most can: a thousand times as fast
            factors = one(steps).numpy()
            if factors.shape == (total + 1,) and all(abs(factors[s] - float(one(steps[s]))) < 1e-12 for s in spots):
                return factors.tolist()
        except (tf.errors.InvalidArgumentError, ValueError, TypeError):
            pass
        return tf.function(lambda: tf.map_fn(one, steps, tf.float64))().numpy().tolist()


def offered(curve: Curve) -> type[KerasSchedule]:
    """The component class of a row of the table."""
    namespace = {
        "__doc__": f"keras.optimizers.schedules.{curve.cls}: {curve.text[0].lower()}{curve.text[1:]}",
        "name": f"keras/{curve.name}",
        "reference": "Keras's documentation",
        "bridge": libraries(),
        "steps": curve.steps,
        "factory": lambda self: getattr(keras().optimizers.schedules, curve.cls),
    }
    return component(f"Keras_{curve.cls}", curve.settings, namespace)


def component(title: str, settings: dict[str, Any], namespace: dict[str, Any]) -> type[KerasSchedule]:
    fields = []
    for name, value in settings.items():
        text = "up to 1: a share of the budget; else steps" if name in namespace.get("steps", ()) else ""
        if value is None:
            value, text = 0.0, "0: none"
        fields.append((name, type(value), hyper(value, priority=3, help=text)))
    optional = frozenset(name for name, value in settings.items() if value is None)
    return make_dataclass(
        title, fields, bases=(KerasSchedule,), frozen=True,
        namespace={"__module__": __name__, "optional": optional, **namespace},
    )  # fmt: skip


def own(path: str, found: Any, shared: dict[str, Any]) -> type[KerasSchedule]:
    """The component class of a user's own LearningRateSchedule; it may have an argument `total_steps`."""
    if not (isinstance(found, type) and issubclass(found, keras().optimizers.schedules.LearningRateSchedule)):
        raise OptbenchError(f"{path} is {found!r}: expected a class that is a LearningRateSchedule")
    parameters = inspect.signature(found).parameters
    settings: dict[str, Any] = {}
    for name, parameter in parameters.items():
        if name == "total_steps" or parameter.kind is inspect.Parameter.VAR_KEYWORD:
            continue
        if parameter.default is inspect.Parameter.empty:
            raise OptbenchError(f"{path}: give the argument {name!r} a default")
        if isinstance(parameter.default, (bool, int, float, str)) and name != "name":
            settings[name] = parameter.default

    class Own(KerasSchedule):
        def make(self, total: int) -> Any:
            given = {"total_steps": total} if "total_steps" in parameters else {}
            return found(**given, **{name: getattr(self, name) for name in settings})

    return component("Own", settings, {**shared, "__doc__": inspect.getdoc(found) or path, "make": Own.make})
