"""What there is to say of a workload: its network layer by layer, its data, its budget, its target, its noise."""

import math
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from optbench.contract.components import InputNormalizer
from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Layer
from optbench.lab.about.standing import noise
from optbench.lab.holdings import holdings
from optbench.lab.single import find
from optbench.registry.catalogue import within
from optbench.registry.registry import Registry
from optbench.training.assembly import data_of, network_of
from optbench.training.split import Split


def about_workload(
    registry: Registry, name: str, suite: str | None = None, measured: bool = True
) -> dict[str, Any]:
    """A workload as plain data.

    suite, also_in           where it is from, and which other registered suites have a workload of this name
    family, shows, title     as the suite says
    network                  {"kind", "loss", "input", "layers": [{"layer", "settings", "output", "parameters"}],
                             "parameters"}; None of a function or problem
    data                     see `optbench.lab.holdings.Holdings`; None of a function or problem
    problem                  of a function or a problem: {"kind", "name", "settings", "parameters"}
    batch_size, epochs, steps, dtype, evaluate_every
    initializer, schedule, normalizers, regularizers    what a candidate has that names none: names
    target, provenance       as the suite says; None where it has none
    variants                 names of its held-out variants
    noise                    see `optbench.lab.about.standing.noise`

    Raises `OptbenchError`.
    """
    home = find(registry, name, suite)
    workload = home.workload(name)
    plain = workload.model_dump(mode="json")
    having = within(registry, "workloads").get(name, [])
    told = suite or next(iter(having), "")
    provenance = home.provenance.get(name)
    found: dict[str, Any] = {
        "name": name, "kind": "workload", "suite": str(told), "also_in": [one for one in having if one != told],
        "title": plain["title"], "family": plain["family"], "shows": plain["shows"],
        "network": None, "data": None, "problem": None,
    }  # fmt: skip
    if workload.bare:
        found["problem"] = _problem(registry, plain)
    else:
        found["network"], found["data"] = _network(registry, plain), _data(registry, plain)
    return found | {
        "batch_size": None if workload.bare else plain["batch_size"],
        "epochs": plain["epochs"], "steps": plain["steps"], "dtype": plain["dtype"],
        "evaluate_every": plain["evaluate_every"],
        "initializer": plain["initializer"]["name"], "schedule": plain["schedule"]["name"],
        "normalizers": [table["name"] for table in plain["normalizers"]],
        "regularizers": [table["name"] for table in plain["regularizers"]],
        "target": plain["target"], "provenance": None if provenance is None else provenance.model_dump(mode="json"),
        "variants": [variant.name for variant in home.variants(workload)],
        "noise": noise(registry, str(told), name) if measured else None,
    }  # fmt: skip


def _problem(registry: Registry, plain: dict[str, Any]) -> dict[str, Any]:
    kind = "function" if plain["function"] is not None else "problem"
    settings = dict(plain[kind])
    made = registry.create(f"{kind}s", settings)
    name = settings.pop("name")
    count = len(made.start) if kind == "function" and made.start else made.layout().size if kind == "problem" else None
    return {"kind": kind, "name": name, "settings": settings, "parameters": count}


def _network(registry: Registry, plain: dict[str, Any]) -> dict[str, Any]:
    normalizers = [registry.create("normalizers", table) for table in plain["normalizers"]]
    data = data_of(plain, [n for n in normalizers if isinstance(n, InputNormalizer)], registry)
    network = network_of(plain, data, [n for n in normalizers if not isinstance(n, InputNormalizer)], registry)
    layers = [
        {
            "layer": type(layer).__name__, "settings": _settings(layer), "output": list(after),
            "parameters": sum(math.prod(p.shape) for p in parameters),
        }
        for layer, after, parameters in zip(
            network.layers, network.shapes[1:], network.chain.parameters, strict=True
        )
    ]  # fmt: skip
    return {
        "kind": plain["network"]["name"], "loss": network.loss.name, "input": list(network.shapes[0]),
        "layers": layers, "parameters": network.layout.size,
    }  # fmt: skip


def _settings(layer: Layer) -> dict[str, Any]:
    """A layer's numbers and words; layers within it by name."""
    if not is_dataclass(layer):
        return {}
    found: dict[str, Any] = {}
    for field in fields(layer):
        value = getattr(layer, field.name)
        if isinstance(value, (int, float, str, bool)):
            found[field.name] = value
        elif isinstance(value, (list, tuple)) and value and all(isinstance(one, Layer) for one in value):
            found[field.name] = [type(one).__name__ for one in value]
        elif isinstance(value, (list, tuple)) and all(isinstance(one, (int, float, str)) for one in value):
            found[field.name] = list(value)
    return found


def _data(registry: Registry, plain: dict[str, Any]) -> dict[str, Any]:
    dataset = registry.create("datasets", plain["dataset"])
    try:
        return asdict(holdings(dataset, Split(**plain["split"])))
    except ValueError as error:
        raise OptbenchError(f"dataset {plain['dataset']['name']}: {error}") from error
