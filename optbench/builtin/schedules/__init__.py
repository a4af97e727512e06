"""Learning-rate schedules, from simple to intricate.

Those named after epochs or steps decay at a pace of their own, whatever the budget. All others stretch over
the budget: they depend on the share of it that is spent.
"""

from optbench.builtin.schedules.constant import Constant
from optbench.builtin.schedules.cosine import Cosine
from optbench.builtin.schedules.exponential import Exponential
from optbench.builtin.schedules.inverse_sqrt_epoch import InverseSqrtEpoch
from optbench.builtin.schedules.inverse_sqrt_step import InverseSqrtStep
from optbench.builtin.schedules.inverse_time import InverseTime
from optbench.builtin.schedules.linear import Linear
from optbench.builtin.schedules.one_cycle import OneCycle
from optbench.builtin.schedules.polynomial import Polynomial
from optbench.builtin.schedules.staircase import Staircase
from optbench.builtin.schedules.warm_restarts import WarmRestarts
from optbench.builtin.schedules.warmup import Warmup
from optbench.builtin.schedules.warmup_stable_decay import WarmupStableDecay

ALL = [
    Constant,
    InverseTime,
    Exponential,
    InverseSqrtEpoch,
    InverseSqrtStep,
    Staircase,
    Linear,
    Polynomial,
    Cosine,
    WarmRestarts,
    OneCycle,
    WarmupStableDecay,
    Warmup,
]
