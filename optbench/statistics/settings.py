"""A trial's settings as tables show them: by path, and the names of its components."""

import json
from collections.abc import Mapping
from typing import Any

from optbench.contract.hyperparameters import walk
from optbench.store.store import Store
from optbench.trials.trial import NOT_IN_KEY


def hyperparameters(components: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's settings by path, as suites write them: optimizer.lr, optimizer.inner.beta, regularizers.l2.rate."""
    flat: dict[str, Any] = {}
    for kind, value in components.items():
        for table in value if isinstance(value, (list, tuple)) else (value,):
            prefix = f"{kind}." if value is table else f"{kind}.{table['name']}."
            for key, setting in table.items():
                if isinstance(setting, dict):
                    flat |= walk(setting, f"{prefix}{key}.")
                elif key != "name":
                    flat[prefix + key] = setting
    return flat


def names(components: Mapping[str, Any], kind: str) -> str:
    """The name of a kind's component; of several, joined with +; "none" where there is none."""
    value = components.get(kind) or ()
    if isinstance(value, (list, tuple)):
        return "+".join(table["name"] for table in value) or "none"
    return value["name"]


def varied_settings(store: Store) -> dict[int, dict[str, Any]]:
    """Settings of a workload that its trials do not share, such as a searched batch size, by number of the text."""
    workloads: dict[str, dict[int, dict[str, Any]]] = {}
    for workload, number in store.workloads():
        settings = {k: v for k, v in store.settings(number).items() if k not in NOT_IN_KEY}
        workloads.setdefault(workload, {})[number] = dict(walk(settings))
    varied: dict[int, dict[str, Any]] = {}
    for texts in workloads.values():
        paths = {path for flat in texts.values() for path in flat}
        changing = [p for p in sorted(paths) if len({json.dumps(f.get(p)) for f in texts.values()}) > 1]
        for number, flat in texts.items():
            varied[number] = {p: flat[p] for p in changing if p in flat}
    return varied
