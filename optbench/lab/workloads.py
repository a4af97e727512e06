"""The data of a suite's workload, as its trials train on them."""

from typing import Any

from optbench.contract import arguments
from optbench.contract.components import InputNormalizer
from optbench.contract.errors import OptbenchError
from optbench.lab.single import find
from optbench.registry.registry import registry
from optbench.training.assembly import data_of
from optbench.training.preparation import Prepared
from optbench.trials.trial import bare


def workload_data(workload: str, suite: str | None = None) -> Prepared:
    """The examples of a workload: split, normalized and encoded as its trials see them, read-only.

    workload   its name in `suite` (a name or a file), or in whichever registered suite has it first

    The splits are x_train, y_train, x_validation, y_validation, x_test and y_test; a candidate's own input normalizers
    are not in them. Raises `OptbenchError` where there is no such workload, or where it has no dataset.
    """
    name = arguments.text("workload", workload)
    home = None if suite is None else arguments.text("suite", suite)
    plugins = registry()
    found: dict[str, Any] = find(plugins, name, home).workload(name).model_dump(mode="json")
    if own := bare(found):
        kind = {"functions": "an analytic function", "problems": "a problem of one's own"}[own[0]]
        raise OptbenchError(f"workload: {name} is {kind}, which has no data")
    made = [plugins.create("normalizers", settings) for settings in found.get("normalizers") or []]
    return data_of(found, [n for n in made if isinstance(n, InputNormalizer)], plugins)
