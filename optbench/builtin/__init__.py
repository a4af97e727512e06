"""optbench as its own first plugin: everything built in comes through the same hooks as a stranger's."""

from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from optbench.builtin import (
    datasets,
    functions,
    initializers,
    networks,
    normalizers,
    optimizers,
    problems,
    regularizers,
    schedules,
)
from optbench.contract.architecture import Architecture
from optbench.contract.components import Initializer, Normalizer, Optimizer, Regularizer, Schedule
from optbench.contract.dataset import Dataset
from optbench.contract.function import Function
from optbench.contract.hookspecs import hookimpl
from optbench.contract.problem import Problem

OPTBENCH_CONTRACT = 1


@hookimpl
def optbench_initializers() -> Sequence[type[Initializer]]:
    return initializers.ALL


@hookimpl
def optbench_regularizers() -> Sequence[type[Regularizer]]:
    return regularizers.ALL


@hookimpl
def optbench_optimizers() -> Sequence[type[Optimizer]]:
    return optimizers.ALL


@hookimpl
def optbench_schedules() -> Sequence[type[Schedule]]:
    return schedules.ALL


@hookimpl
def optbench_normalizers() -> Sequence[type[Normalizer]]:
    return normalizers.ALL


@hookimpl
def optbench_datasets() -> Sequence[type[Dataset]]:
    return datasets.ALL


@hookimpl
def optbench_networks() -> Sequence[type[Architecture]]:
    return networks.ALL


@hookimpl
def optbench_functions() -> Sequence[type[Function]]:
    return functions.ALL


@hookimpl
def optbench_problems() -> Sequence[type[Problem]]:
    return problems.ALL


@hookimpl
def optbench_suites() -> Sequence[Traversable]:
    folder = files("optbench_suites")
    return [file for file in folder.iterdir() if file.name.endswith(".toml")]


@hookimpl
def optbench_references() -> Sequence[Traversable]:
    folder = files("optbench_suites") / "reference"
    return [inner for inner in folder.iterdir() if inner.is_dir()]
