"""optbench as its own first plugin: everything built in comes through the same hooks as a stranger's."""

from importlib.resources import files

from optbench.builtin import (
    datasets,
    functions,
    initializers,
    networks,
    normalizers,
    optimizers,
    regularizers,
    schedules,
)
from optbench.contract.hookspecs import hookimpl

OPTBENCH_CONTRACT = 1


@hookimpl
def optbench_initializers():
    return initializers.ALL


@hookimpl
def optbench_regularizers():
    return regularizers.ALL


@hookimpl
def optbench_optimizers():
    return optimizers.ALL


@hookimpl
def optbench_schedules():
    return schedules.ALL


@hookimpl
def optbench_normalizers():
    return normalizers.ALL


@hookimpl
def optbench_datasets():
    return datasets.ALL


@hookimpl
def optbench_networks():
    return networks.ALL


@hookimpl
def optbench_functions():
    return functions.ALL


@hookimpl
def optbench_suites():
    folder = files("optbench_suites")
    return [file for file in folder.iterdir() if file.name.endswith(".toml")]
