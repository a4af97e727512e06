"""What the bridge offers: a table of names, settings and flags, made once by survey/, so that nothing is imported."""

import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import make_dataclass
from functools import partial
from importlib.resources import files
from types import FunctionType
from typing import Any

from optbench import Component, Deferred, OptbenchError, Unavailable, hyper, import_object
from optbench.bridging import FROM_DATA, field_of, required_of
from optbench_torch import library, network, problem, schedules
from optbench_torch.bridge import TorchOptimizer
from optbench_torch.habits import explained
from optbench_torch.signature import hyperparameters
from optbench_torch.spec import FLAGS, Spec

#: searched from so much below the default rate to so much above it, where the table says nothing else
DECADES = 100
WHERE = {
    "torch": "https://docs.pytorch.org/docs/stable/optim.html",
    "pytorch_optimizer": "https://pytorch-optimizers.readthedocs.io/en/latest/optimizer",
}


def table() -> dict[str, Any]:
    """{"torch/adamw": its record} as survey/ writes it."""
    return json.loads((files("optbench_torch") / "table.json").read_text(encoding="utf-8"))


def optimizers() -> Iterator[Deferred | Unavailable]:
    """Every optimizer of the table, or why it cannot be used."""
    for name, record in table().items():
        package = name.partition("/")[0].replace("-", "_")
        reason = record.get("unavailable") or library.missing(package, record["file"])
        if reason:
            yield Unavailable(name, reason)
        else:
            yield Deferred(name, partial(tabled, name, package, record))


def tabled(name: str, package: str, record: Mapping[str, Any]) -> type[TorchOptimizer]:
    """The component class of a record of the table."""
    spec = Spec(
        record["class"],
        record["settings"],
        record.get("fixed", {}),
        frozenset(record.get("flags", ())),
        tuple(record.get("iterates", ())),
        departs=record.get("departs", {}),
    )
    return component(
        name, spec, library.behind(package), record["summary"], WHERE[package], record.get("rates", {})
    )


def component(
    name: str,
    spec: Spec,
    bridge: str,
    summary: str,
    reference: str = "",
    rates: Mapping[str, tuple[float, float]] | None = None,
    own: bool = False,
) -> type[TorchOptimizer]:
    """A component class of a foreign class: a field for each of its settings.

    betas = (0.9, 0.999) becomes the fields beta1 and beta2. `lr` is searched over two decades on both sides of its
    default, or in rates[field] = (low, high); everything else where a suite gives a range. A class of a user's `own`
    has a field that says whether it needs a closure.
    """
    fields: list[Any] = [(field_of(argument, TorchOptimizer), Any) for argument in spec.required]
    places = {}
    for field, argument, place, default in settings(spec.settings):
        places[field] = (argument, place)
        low, high = (rates or {}).get(field, (None, None))
        if field == "lr" and low is None and default > 0:
            low, high = float(f"{default / DECADES:.3g}"), float(f"{default * DECADES:.3g}")
        if low is not None:
            valid = "[0, inf)" if default >= 0 else None
            spec_of = hyper(default, low=low, high=high, scale="log", valid=valid, help="learning rate")
        else:
            spec_of = hyper(default, priority=3)
        fields.append((field, type(default), spec_of))
    if own:
        needs = hyper("closure" in spec.flags, priority=3, help="it evaluates further gradients")
        fields.append(("closure", bool, needs))
    cls = spec.path.rpartition(":")[2].replace(".", "_")
    notes = "".join(f"\n    {flag}: {FLAGS[flag]}" for flag in sorted(spec.flags))
    return make_dataclass(
        cls,
        sorted(fields, key=lambda f: f[0] != "lr"),
        bases=(TorchOptimizer,),
        frozen=True,
        kw_only=True,
        namespace={
            "__doc__": f"{summary}\n\n{spec.path.replace(':', '.')}, through the bridge ({bridge}).{notes}",
            "__module__": __name__,
            "name": name,
            "reference": reference or spec.path,
            "bridge": bridge,
            "expected_failures": explained(name, spec.departs),
            "spec": spec,
            "places": places,
        },
    )


def resolve(kind: str, name: str) -> type[Component]:
    """The component of a user's own torch class: "torch:package.module:Class".

    Its settings are the constructor's arguments. Nobody has tried how an optimizer works with memory that it shares: it
    gets copies, as contiguous as torch's own, and its chance comes from the trial's generator. Without a kind it is of
    the one that the object is for.
    """
    path = name.partition(":")[2]
    found, source = import_object(path)
    bridge = f"{library.installed('torch')}, {source}"
    kind = kind or kind_of(found)
    if kind == "schedules":
        return schedules.own(name, path, found, bridge)
    if kind == "networks":
        return network.network_of(name, path, found, bridge)
    if kind == "problems":
        return problem.TorchProblem.by_path(name, path, found, bridge)
    if kind != "optimizers":
        raise OptbenchError(f"torch classes can be optimizers, schedules, networks and problems, not {kind}")
    return own(name, path, found, bridge)


def kind_of(found: Any) -> str:
    """The kind, in the plural, that a class or function is for: of a function by its arguments, or else by what it
    gives."""
    torch = library.torch_module()
    made = found
    if isinstance(found, FunctionType):
        if free := required_of(found):
            return "networks" if set(free) & set(FROM_DATA) else "optimizers"
        try:
            made = type(found())
        except Exception:  # whatever it does: the check of a problem tells it
            return "problems"
    kinds = {
        torch.optim.Optimizer: "optimizers",
        torch.optim.lr_scheduler.LRScheduler: "schedules",
        torch.nn.Module: "networks",
    }
    return next((kind for base, kind in kinds.items() if isinstance(made, type) and issubclass(made, base)), "problems")


def adapt(found: Any, name: str) -> type[Component] | str | None:
    """The component of a torch class that somebody gave as it is; of one that is offered, its name.

    A function is torch's where its first argument is called `params`, and it makes an optimizer of a tensor.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    optimizer, scheduler = torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler
    if isinstance(found, type) and issubclass(found, optimizer):
        package = found.__module__.partition(".")[0]
        for offered, record in table().items():
            same = record["class"].rpartition(":")[2] == found.__name__ and record["class"].startswith(f"{package}.")
            if same and Spec(record["class"], {}).cls is found:
                return offered
        return own(name, name, found, library.installed("torch"))
    if isinstance(found, type) and issubclass(found, scheduler):
        offered = schedules.name_of(found)
        return offered or schedules.own(name, name, found, library.installed("torch"), given=True)
    if isinstance(found, FunctionType) and next(iter(inspect.signature(found).parameters), "") == "params":
        try:
            made = found([torch.zeros(1, requires_grad=True)])
        except Exception:  # whatever it is, it is no maker of optimizers by its defaults
            return None
        return own(name, name, found, library.installed("torch")) if isinstance(made, optimizer) else None
    return None


def own(name: str, path: str, found: Any, bridge: str) -> type[TorchOptimizer]:
    """The component of a user's own optimizer class, or of a function that makes an optimizer."""
    torch = library.torch_module()
    if not callable(found) or (isinstance(found, type) and not issubclass(found, torch.optim.Optimizer)):
        raise OptbenchError(f"{path} is not a subclass of torch.optim.Optimizer, nor a function that makes one")
    given, required = hyperparameters(found)
    step = inspect.signature(found.step).parameters if hasattr(found, "step") else {}
    flags = {"copy", "random"}
    if "closure" in step and step["closure"].default is inspect.Parameter.empty:
        flags.add("closure")
    spec = Spec(path, given, flags=frozenset(flags), required=required, found=found)
    summary = (inspect.getdoc(found) or path).partition("\n")[0]
    return component(name, spec, bridge, summary, own=True)


def settings(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Any]]:
    """(field, argument, place in the argument or None, default) of a constructor's arguments."""
    for argument, default in arguments.items():
        if not isinstance(default, (list, tuple)):
            yield field_of(argument, TorchOptimizer), argument, None, default
            continue
        stem = argument if argument == "eps" else argument.removesuffix("s")
        for place, value in enumerate(default):
            if value is not None:
                yield f"{stem}{place + 1}", argument, place, value
