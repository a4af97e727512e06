"""The conformance kit: whether a component keeps the contract, and what to change where it does not.

    from optbench.testing import parametrize_with_checks

    @parametrize_with_checks([MyOptimizer])
    def test_contract(component, check):
        check(component)

Each check is a plain function of a component, a class or an instance: `check_float32_stays_float32(MyOptimizer)`.
`optbench check NAME` runs them from the command line. One file a kind; those of every kind are in `every`.

And what else a plugin's own tests need: `offered` and `registry_of` register modules that are not installed,
`trial_of`, `training_of` and `runs_of` train without a run of a suite, and `checkpointed` takes a state through a file.
`trajectory_gap(ours, theirs)` says how far apart two implementations of one method come.
"""

from inspect import isfunction as _isfunction

from optbench.testing import (
    datasets,
    descent,
    every,
    functions,
    initializers,
    invariances,
    layers,
    networks,
    normalizers,
    optimizers,
    problems,
    regularizers,
    schedules,
    suites,
)
from optbench.testing.arguments import checked as _checked
from optbench.testing.base import CheckFailed
from optbench.testing.checkpoints import checkpointed
from optbench.testing.collecting import ALL_CHECKS, checks_for
from optbench.testing.datasets import *
from optbench.testing.descent import *
from optbench.testing.every import *
from optbench.testing.functions import *
from optbench.testing.initializers import *
from optbench.testing.invariances import *
from optbench.testing.layers import *
from optbench.testing.networks import *
from optbench.testing.normalizers import *
from optbench.testing.optimizers import *
from optbench.testing.problems import *
from optbench.testing.regularizers import *
from optbench.testing.running import Result, parametrize_with_checks, run_check, run_checks
from optbench.testing.schedules import *
from optbench.testing.suites import *
from optbench.testing.trainings import (
    Registry,
    Training,
    offered,
    registry_of,
    runs_of,
    training_of,
    trial_of,
)
from optbench.testing.trajectories import trajectory_gap

__all__ = [
    "ALL_CHECKS",
    "CheckFailed",
    "Registry",
    "Result",
    "Training",
    "checkpointed",
    "checks_for",
    "offered",
    "parametrize_with_checks",
    "registry_of",
    "run_check",
    "run_checks",
    "runs_of",
    "training_of",
    "trajectory_gap",
    "trial_of",
]
__all__ += datasets.__all__
__all__ += descent.__all__
__all__ += every.__all__
__all__ += functions.__all__
__all__ += initializers.__all__
__all__ += invariances.__all__
__all__ += layers.__all__
__all__ += networks.__all__
__all__ += normalizers.__all__
__all__ += optimizers.__all__
__all__ += problems.__all__
__all__ += regularizers.__all__
__all__ += schedules.__all__
__all__ += suites.__all__


# what strangers give is checked here, at the door: functions of the room call each other without
globals().update({check.__name__: check for check in ALL_CHECKS})
for _name in __all__:
    if _isfunction(globals()[_name]) and globals()[_name] not in ALL_CHECKS:
        globals()[_name] = _checked(globals()[_name])


def __dir__() -> list[str]:
    return __all__
