"""torch's and pytorch_optimizer's optimizers and schedules, and a user's own and models, as optbench components."""

from optbench import hookimpl
from optbench_torch import catalog, schedules
from optbench_torch.problem import workload

__all__ = ["workload"]

OPTBENCH_CONTRACT = 1


@hookimpl
def optbench_optimizers():
    return list(catalog.optimizers())


@hookimpl
def optbench_schedules():
    return list(schedules.schedules())


@hookimpl
def optbench_adapts(found, name):
    return catalog.adapt(found, name)


@hookimpl
def optbench_resolvers():
    return {"torch": catalog.resolve}
