"""Functions of a few variables to minimize, ordered from simple to intricate, one a file."""

from optbench.functions.base import Function
from optbench.functions.beale import Beale
from optbench.functions.himmelblau import Himmelblau
from optbench.functions.plateau import Plateau
from optbench.functions.quadratic import Quadratic
from optbench.functions.rastrigin import Rastrigin
from optbench.functions.reddi import Reddi
from optbench.functions.rosenbrock import Rosenbrock
from optbench.functions.saddle import Saddle
from optbench.functions.slope import Slope

ALL: list[type[Function]] = [
    Slope,
    Quadratic,
    Saddle,
    Plateau,
    Rosenbrock,
    Beale,
    Himmelblau,
    Rastrigin,
    Reddi,
]

__all__ = ["ALL", "Function"]
