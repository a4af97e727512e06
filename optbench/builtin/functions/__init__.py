"""Functions of a few variables to minimize, ordered from simple to intricate, one a file."""

from optbench.builtin.functions.beale import Beale
from optbench.builtin.functions.bigram import Bigram
from optbench.builtin.functions.branin import Branin
from optbench.builtin.functions.deep_quadratic import DeepQuadratic
from optbench.builtin.functions.himmelblau import Himmelblau
from optbench.builtin.functions.plateau import Plateau
from optbench.builtin.functions.quadratic import Quadratic
from optbench.builtin.functions.rastrigin import Rastrigin
from optbench.builtin.functions.reddi import Reddi
from optbench.builtin.functions.rosenbrock import Rosenbrock
from optbench.builtin.functions.rotating_valley import RotatingValley
from optbench.builtin.functions.saddle import Saddle
from optbench.builtin.functions.sharpening import Sharpening
from optbench.builtin.functions.slope import Slope
from optbench.builtin.functions.sparse import SparseGradients
from optbench.contract.function import Function

ALL: list[type[Function]] = [
    Slope,
    Quadratic,
    Saddle,
    Plateau,
    Rosenbrock,
    Beale,
    Himmelblau,
    Branin,
    Rastrigin,
    RotatingValley,
    Sharpening,
    SparseGradients,
    DeepQuadratic,
    Reddi,
    Bigram,
]
