"""Initializers of weights, from simple to intricate. Each declares the variance of what it draws."""

from optbench.builtin.initializers.constant import Constant
from optbench.builtin.initializers.glorot import GlorotNormal, GlorotUniform
from optbench.builtin.initializers.he import HeNormal, HeUniform
from optbench.builtin.initializers.lecun import LeCunNormal
from optbench.builtin.initializers.normal import LargeNormal, SmallNormal
from optbench.builtin.initializers.orthogonal import Orthogonal
from optbench.builtin.initializers.uniform import Uniform
from optbench.builtin.initializers.zeros import Zeros

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
