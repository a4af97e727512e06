"""What there is to say of a component: formula, hyperparameters, whose it is, what it costs, where it did well."""

import inspect
from collections.abc import Mapping
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.lab.about.standing import standings
from optbench.lab.holdings import holdings
from optbench.registry.listing import component
from optbench.registry.registry import Registry

#: kinds that are part of a step, and the argument of `lab.single.trial` that takes one
STEPPING = {
    "optimizers": "optimizer",
    "schedules": "schedule",
    "normalizers": "normalizers",
    "regularizers": "regularizers",
}
#: a step of this workload is timed, beside that of the plainest candidate
YARDSTICK, PLAINEST = "digits-mlp", "sgd"


def about_component(registry: Registry, kind: str, name: str, measured: bool = True) -> dict[str, Any]:
    """A component of this kind (plural) as plain data.

    Beside what `optbench list --json` has:

    text            its docstring: the formula, what it is good for, its source
    bridge          the library whose arithmetic it is, with its version; "" for its own
    special_cases   of an optimizer: where it equals another, [{"name", "settings": its own, "others": the other's}]
    needs           the settings without which it cannot be made
    data            of a dataset as it is without settings: see `optbench.lab.holdings.Holdings`; else None
    cost            {"workload", "seconds", "times_sgd"}: a step of `digits-mlp` with it, one BLAS thread, here and now;
                    None where it is no part of a step or cannot run there
    standing        where it did well in reference results that are installed: see `standing`

    Raises `OptbenchError` where it cannot be used here.
    """
    entry = registry.entry(kind, name)
    cls = entry.component
    found = {
        **component(entry),
        "text": (inspect.getdoc(cls) or "").strip(),
        "bridge": cls.bridge,
        "special_cases": [
            {"name": other, "settings": settings, "others": theirs[0] if theirs else {}}
            for other, settings, *theirs in vars(cls).get("special_cases", ())
        ],
        "needs": needed(cls),
        "data": _data(registry, name) if measured and kind == "datasets" and not needed(cls) else None,
        "cost": step_cost(registry, kind, name) if measured else None,
        "standing": standings(registry, kind.removesuffix("s"), name) if measured else None,
    }
    found["kind"] = kind.removesuffix("s")
    return {"name": found.pop("name"), "kind": found.pop("kind"), **found}


def needed(cls: type) -> list[str]:
    """The settings without which it cannot be made."""
    parameters = inspect.signature(cls).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def _data(registry: Registry, name: str) -> dict[str, Any] | None:
    try:
        return holdings(registry.create("datasets", {"name": name})).as_dict()
    except OptbenchError:  # one that is made of another, or of a file
        return None


def step_cost(registry: Registry, kind: str, name: str) -> dict[str, Any] | None:
    """What a step costs with it, by the timing that runs use: the median of rounds, in turn with the plainest."""
    from optbench.lab.single import trial
    from optbench.running.calibration import calibrate

    if kind not in STEPPING:
        return None
    part = STEPPING[kind]
    given: dict[str, Any] = {"optimizer": PLAINEST, part: name if part in ("optimizer", "schedule") else [name]}
    try:
        trials = {PLAINEST: trial(registry, YARDSTICK, "quick", optimizer=PLAINEST)}
        trials["this"] = trial(registry, YARDSTICK, "quick", **given)
    except OptbenchError:
        return None
    seconds: Mapping[str, float] = {row[1]: row[2] for row in calibrate(YARDSTICK, trials, registry)}
    if len(seconds) < 2:
        return None
    return {"workload": YARDSTICK, "seconds": seconds["this"], "times_sgd": seconds["this"] / seconds[PLAINEST]}
