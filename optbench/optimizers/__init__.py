"""Optimizers, from simple to intricate; wrappers, which hold another optimizer, come last.

All share one style: the parameters, the gradient and the state are flat vectors; a step is a few NumPy passes
in place; the gradient's own buffer serves as the work array once the gradient is used up. Factors that are
the same for all coordinates (rates, bias corrections, the 1 - beta of an average) are multiplied into one
Python float. Methods that treat each matrix by itself loop over the layout's tensors.

A class attribute `special_cases` lists where a method equals a simpler one: (("sgd", {"beta": 0.0}),) says
that with beta = 0, and every hyperparameter of "sgd" at the same value, the two make the same steps. Of a
wrapper, the name "inner" stands for whatever optimizer it holds: (("inner", {"rho": 0.0}),).
"""

from optbench.optimizers.adabelief import AdaBelief
from optbench.optimizers.adadelta import Adadelta
from optbench.optimizers.adafactor import Adafactor
from optbench.optimizers.adagrad import AdaGrad
from optbench.optimizers.adam import Adam
from optbench.optimizers.adamax import Adamax
from optbench.optimizers.adamw import AdamW
from optbench.optimizers.adan import Adan
from optbench.optimizers.amsgrad import AMSGrad
from optbench.optimizers.asgd import ASGD
from optbench.optimizers.clip_norm import ClipNorm
from optbench.optimizers.clip_value import ClipValue
from optbench.optimizers.d_adapt_adam import DAdaptAdam
from optbench.optimizers.ema import EMA
from optbench.optimizers.heavy_ball import HeavyBall
from optbench.optimizers.lamb import LAMB
from optbench.optimizers.lars import LARS
from optbench.optimizers.lbfgs import LBFGS
from optbench.optimizers.lookahead import Lookahead
from optbench.optimizers.momentum import Momentum
from optbench.optimizers.muon import Muon
from optbench.optimizers.nadam import NAdam
from optbench.optimizers.nesterov import Nesterov
from optbench.optimizers.prodigy import Prodigy
from optbench.optimizers.radam import RAdam
from optbench.optimizers.rmsprop import RMSprop
from optbench.optimizers.rmsprop_inside import RMSpropInside
from optbench.optimizers.sam import SAM
from optbench.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from optbench.optimizers.schedule_free_sgd import ScheduleFreeSGD
from optbench.optimizers.sgd import SGD
from optbench.optimizers.shampoo import Shampoo
from optbench.optimizers.soap import SOAP
from optbench.optimizers.sophia import Sophia
from optbench.optimizers.swa import SWA

ALL = [
    SGD,
    ASGD,
    Momentum,
    HeavyBall,
    Nesterov,
    LARS,
    ScheduleFreeSGD,
    AdaGrad,
    RMSprop,
    RMSpropInside,
    Adadelta,
    Adam,
    AdamW,
    AMSGrad,
    Adamax,
    NAdam,
    RAdam,
    AdaBelief,
    Adan,
    LAMB,
    ScheduleFreeAdamW,
    DAdaptAdam,
    Prodigy,
    Adafactor,
    Muon,
    Shampoo,
    SOAP,
    Sophia,
    LBFGS,
    ClipValue,
    ClipNorm,
    EMA,
    SWA,
    Lookahead,
    SAM,
]
