"""Optimizers, from simple to intricate; wrappers, which hold another optimizer, come last.

All share one style: the parameters, the gradient and the state are flat vectors; a step is a few NumPy passes
in place; the gradient's own buffer serves as the work array once the gradient is used up. Factors that are
the same for all coordinates (rates, bias corrections, the 1 - beta of an average) are multiplied into one
Python float. Methods that treat each matrix by itself loop over the layout's tensors. Settings
that most have are in `settings`. Norms hold float32 gradients of any size; averages of squares hold them up to
1.8e19, as torch's do: beyond, a step is finite, and 0 where it divides by such an average; Adafactor's alone is NaN, as
torch's is.

A class attribute `special_cases` lists where a method equals a simpler one: (("sgd", {"beta": 0.0}),) says
that with beta = 0, and every hyperparameter of "sgd" at the same value, the two make the same steps. Of a
wrapper, the name "inner" stands for whatever optimizer it holds: (("inner", {"rho": 0.0}),).
"""

from optbench.builtin.optimizers.adabelief import AdaBelief
from optbench.builtin.optimizers.adadelta import Adadelta
from optbench.builtin.optimizers.adafactor import Adafactor
from optbench.builtin.optimizers.adagrad import AdaGrad
from optbench.builtin.optimizers.adam import Adam
from optbench.builtin.optimizers.adamax import Adamax
from optbench.builtin.optimizers.adamw import AdamW
from optbench.builtin.optimizers.adan import Adan
from optbench.builtin.optimizers.ademamix import AdEMAMix
from optbench.builtin.optimizers.amos import Amos
from optbench.builtin.optimizers.amsgrad import AMSGrad
from optbench.builtin.optimizers.asgd import ASGD
from optbench.builtin.optimizers.caspr import CASPR
from optbench.builtin.optimizers.cautious import Cautious
from optbench.builtin.optimizers.clip_norm import ClipNorm
from optbench.builtin.optimizers.clip_value import ClipValue
from optbench.builtin.optimizers.d_adapt_adam import DAdaptAdam
from optbench.builtin.optimizers.d_adapt_sgd import DAdaptSGD
from optbench.builtin.optimizers.ema import EMA
from optbench.builtin.optimizers.heavy_ball import HeavyBall
from optbench.builtin.optimizers.kron import Kron
from optbench.builtin.optimizers.lamb import LAMB
from optbench.builtin.optimizers.lars import LARS
from optbench.builtin.optimizers.lawa import LAWA
from optbench.builtin.optimizers.lbfgs import LBFGS
from optbench.builtin.optimizers.lookahead import Lookahead
from optbench.builtin.optimizers.mars import MARS
from optbench.builtin.optimizers.momentum import Momentum
from optbench.builtin.optimizers.muon import Muon
from optbench.builtin.optimizers.nadam import NAdam
from optbench.builtin.optimizers.nadamw import NAdamW
from optbench.builtin.optimizers.nesterov import Nesterov
from optbench.builtin.optimizers.prodigy import Prodigy
from optbench.builtin.optimizers.radam import RAdam
from optbench.builtin.optimizers.rmsprop import RMSprop
from optbench.builtin.optimizers.rmsprop_inside import RMSpropInside
from optbench.builtin.optimizers.sam import SAM
from optbench.builtin.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from optbench.builtin.optimizers.schedule_free_sgd import ScheduleFreeSGD
from optbench.builtin.optimizers.sgd import SGD
from optbench.builtin.optimizers.shampoo import Shampoo
from optbench.builtin.optimizers.signum import Signum
from optbench.builtin.optimizers.soap import SOAP
from optbench.builtin.optimizers.sophia import Sophia
from optbench.builtin.optimizers.swa import SWA

ALL = [
    SGD,
    ASGD,
    Momentum,
    HeavyBall,
    Nesterov,
    Signum,
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
    NAdamW,
    RAdam,
    AdaBelief,
    Adan,
    AdEMAMix,
    MARS,
    Amos,
    LAMB,
    ScheduleFreeAdamW,
    DAdaptSGD,
    DAdaptAdam,
    Prodigy,
    Adafactor,
    Muon,
    Shampoo,
    CASPR,
    SOAP,
    Kron,
    Sophia,
    LBFGS,
    ClipValue,
    ClipNorm,
    EMA,
    SWA,
    LAWA,
    Lookahead,
    Cautious,
    SAM,
]
