"""What users wrote for optax, by path: "optax:package.module:function"."""

import inspect
from collections.abc import Callable
from dataclasses import make_dataclass
from importlib import import_module
from types import FunctionType
from typing import Any

from optbench import Component, OptbenchError, hyper, import_object
from optbench.bridging import FROM_DATA, required_of
from optbench_optax.bridge import Optax
from optbench_optax.classes import libraries, rate_of, setting
from optbench_optax.program import prepare
from optbench_optax.schedules import OptaxSchedule
from optbench_optax.table import ALIASES, CONTRIB, CURVES, WRAPPERS

VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def resolve(kind: str, name: str) -> type[Component]:
    """The component class of a user's own function. Called once a process."""
    path = name.partition(":")[2]
    prepare()  # before the user's module computes anything
    found, source = import_object(path)
    shared = {"name": name, "bridge": f"{source}, {libraries()}", "__module__": __name__, "reference": path}
    if kind == "optimizers":
        return _optimizer(found, path, shared)
    if kind == "schedules":
        return _schedule(found, path, shared)
    raise OptbenchError(f"optax has optimizers and schedules, no {kind}")


def resolve_model(kind: str, name: str) -> type[Component]:
    """The component class of a user's JAX model: "jax:package.module:function", a network or a problem.

    Without a kind it is a network where it asks for what the data say.
    """
    from optbench_optax import network, problem

    path = name.partition(":")[2]
    prepare()  # before the user's module computes anything
    found, source = import_object(path)
    bridge = f"{source}, {libraries()}"
    if not kind:
        asked = required_of(found) if callable(found) else ()
        kind = "networks" if set(asked) & set(FROM_DATA) else "problems"
    if kind == "networks":
        return network.network_of(name, path, found, bridge)
    if kind == "problems":
        return problem.JaxProblem.by_path(name, path, found, bridge)  # type: ignore[no-any-return]
    raise OptbenchError(f"jax: is for networks and problems, not for {kind}; optimizers and schedules are optax:{path}")


def adapt(found: Any, name: str) -> type[Component] | str | None:
    """The component of a function or a transformation that somebody gave as it is; of one that is offered, its name.

    A function is optax's where its code names optax or jax, and it makes a transformation.
    """
    import optax

    shared = {"name": name, "bridge": libraries(), "__module__": __name__, "reference": name}
    if isinstance(found, optax.GradientTransformation):
        prepare()
        return _optimizer(found, name, shared)
    if not isinstance(found, FunctionType):
        return None
    for row in (*ALIASES, *CONTRIB, *(row for row, _ in WRAPPERS), *CURVES):
        if getattr(import_module(getattr(row, "home", "optax")), row.name, None) is found:
            return f"optax/{row.name}"
    if not _names_library(found):
        return None
    parameters = inspect.signature(found).parameters
    free = [n for n, p in parameters.items() if p.default is inspect.Parameter.empty and p.kind not in VARIADIC]
    if not set(free) <= {"learning_rate", "lr"}:
        return None
    try:
        made = found(**dict.fromkeys(free, 1e-3))
    except Exception:  # whatever it is, it is no maker of transformations
        return None
    if not (hasattr(made, "init") and hasattr(made, "update")):
        return None
    prepare()
    return _optimizer(found, name, shared)


def _names_library(function: FunctionType) -> bool:
    named = [function.__globals__.get(name) for name in function.__code__.co_names]
    homes = {getattr(value, "__module__", None) or getattr(value, "__name__", "") for value in named}
    return any(str(home).partition(".")[0] in ("optax", "jax") for home in homes)


def _optimizer(found: Any, path: str, shared: dict[str, Any]) -> type[Optax]:
    """A function that makes a transformation, or a transformation. Its rate is `learning_rate`, or else `lr`; one
    that has neither gets a factor on its updates by that name.
    """
    fields: list[tuple[str, type, Any]] = []
    optional: set[str] = set()
    rate = ""
    ready = hasattr(found, "init") and hasattr(found, "update")
    if not ready:
        parameters = _parameters(found, path, "a function that makes a GradientTransformation, or one")
        rate = next((name for name in ("learning_rate", "lr") if name in parameters), "")
        for name, parameter in parameters.items():
            default = parameter.default
            if name == rate:
                continue
            if default is inspect.Parameter.empty:
                raise OptbenchError(f"{path}: give the argument {name!r} a default")
            if isinstance(default, (bool, int, float, str, tuple)):
                # None is not known to be a number: such arguments, and functions, keep their defaults.
                fields.append((name, *setting(name, default)))
        default = parameters[rate].default if rate else inspect.Parameter.empty
        number = isinstance(default, (int, float)) and not isinstance(default, bool)
        fields.insert(0, ("lr", float, rate_of("adaptive", float(default) if number else None)))
    else:
        fields.append(("lr", float, rate_of("free")))
    if not rate and not ready:
        fields[0] = ("lr", float, rate_of("free"))

    class Own(Optax):
        """A user's own."""

        def factory(self) -> Callable[..., Any]:
            return found

        def transformation(self, own_rate: Any, factor: Any, dtype: Any) -> Any:
            import optax

            made = found if ready else super().transformation(own_rate, factor, dtype)
            if not (hasattr(made, "init") and hasattr(made, "update")):
                raise OptbenchError(f"{path} gave {made!r}, which is not a GradientTransformation")
            return made if rate else optax.chain(made, optax.scale(own_rate * factor))

    namespace = {
        **shared,
        "__doc__": inspect.getdoc(found) if not ready and inspect.getdoc(found) else f"{path}, compiled by jax.",
        # What it asks for is not known: it is offered all.
        "needs": "search",
        "rate_argument": rate,
        "optional": frozenset(optional),
    }
    return make_dataclass("Own", fields, bases=(Own,), frozen=True, namespace=namespace)


def _schedule(found: Any, path: str, shared: dict[str, Any]) -> type[OptaxSchedule]:
    """A function of the step, or a function with defaults that makes one (it may have an argument `total_steps`)."""
    parameters = _parameters(found, path, "a function of the step")
    free = [name for name, p in parameters.items() if p.default is inspect.Parameter.empty and name != "total_steps"]
    direct = len(free) == 1 and next(iter(parameters)) == free[0]
    if free and not direct:
        raise OptbenchError(
            f"{path}: a schedule is a function of the step alone, or one whose arguments have defaults and that makes "
            f"such a function; without a default here: {', '.join(free)}"
        )
    known = {n: p.default for n, p in parameters.items() if isinstance(p.default, (bool, int, float, str, tuple))}
    fields = [(name, type(value), hyper(value, priority=3)) for name, value in known.items()]

    class Own(OptaxSchedule):
        """A user's own."""

        def function(self, total: int) -> Callable[[Any], Any]:
            arguments = {name: getattr(self, name) for name in known}
            if "total_steps" in parameters:
                arguments["total_steps"] = total
            return (lambda step: found(step, **arguments)) if direct else found(**arguments)

    namespace = {**shared, "__doc__": inspect.getdoc(found) or f"{path}, as a factor."}
    return make_dataclass("OwnSchedule", fields, bases=(Own,), frozen=True, namespace=namespace)


def _parameters(found: Any, path: str, expected: str) -> dict[str, inspect.Parameter]:
    try:
        parameters = dict(inspect.signature(found).parameters)
    except (TypeError, ValueError) as error:
        raise OptbenchError(f"{path} is {found!r}: expected {expected}") from error
    return {name: p for name, p in parameters.items() if p.kind not in VARIADIC}
