"""Learning-rate schedules, from simple to intricate.

Those named after epochs or steps decay at a pace of their own, whatever the budget. All others stretch over
the budget: they depend on the share of it that is spent.
"""

from optbench.schedules.constant import Constant
from optbench.schedules.cosine import Cosine
from optbench.schedules.exponential import Exponential
from optbench.schedules.inverse_sqrt_epoch import InverseSqrtEpoch
from optbench.schedules.inverse_sqrt_step import InverseSqrtStep
from optbench.schedules.inverse_time import InverseTime
from optbench.schedules.linear import Linear
from optbench.schedules.one_cycle import OneCycle
from optbench.schedules.polynomial import Polynomial
from optbench.schedules.staircase import Staircase
from optbench.schedules.warm_restarts import WarmRestarts
from optbench.schedules.warmup import Warmup

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
    Warmup,
]
