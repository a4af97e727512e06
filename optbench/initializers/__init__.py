"""Initializers of weights, from simple to intricate. Each declares the variance of what it draws."""

from optbench.initializers.constant import Constant
from optbench.initializers.glorot import GlorotNormal, GlorotUniform
from optbench.initializers.he import HeNormal, HeUniform
from optbench.initializers.lecun import LeCunNormal
from optbench.initializers.normal import LargeNormal, SmallNormal
from optbench.initializers.orthogonal import Orthogonal
from optbench.initializers.uniform import Uniform
from optbench.initializers.zeros import Zeros

ALL = [
    Zeros,
    Constant,
    SmallNormal,
    LargeNormal,
    Uniform,
    LeCunNormal,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Orthogonal,
]
