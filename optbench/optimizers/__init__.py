"""First-order optimizers, from simple to intricate.

All share one style: the parameters, the gradient and the state are flat vectors; a step is a few NumPy passes
in place; the gradient's own buffer serves as the work array once the gradient is used up. Factors that are
the same for all coordinates (rates, bias corrections, the 1 - beta of an average) are multiplied into one
Python float.

A class attribute `special_cases` lists where a method equals a simpler one: (("sgd", {"beta": 0.0}),) says
that with beta = 0, and every hyperparameter of "sgd" at the same value, the two make the same steps.
"""

from optbench.optimizers.adadelta import Adadelta
from optbench.optimizers.adagrad import AdaGrad
from optbench.optimizers.adam import Adam
from optbench.optimizers.adamax import Adamax
from optbench.optimizers.adamw import AdamW
from optbench.optimizers.amsgrad import AMSGrad
from optbench.optimizers.asgd import ASGD
from optbench.optimizers.heavy_ball import HeavyBall
from optbench.optimizers.momentum import Momentum
from optbench.optimizers.nadam import NAdam
from optbench.optimizers.nesterov import Nesterov
from optbench.optimizers.rmsprop import RMSprop
from optbench.optimizers.rmsprop_inside import RMSpropInside
from optbench.optimizers.sgd import SGD

ALL = [
    SGD,
    ASGD,
    Momentum,
    HeavyBall,
    Nesterov,
    AdaGrad,
    RMSprop,
    RMSpropInside,
    Adadelta,
    Adam,
    AdamW,
    AMSGrad,
    Adamax,
    NAdam,
]
