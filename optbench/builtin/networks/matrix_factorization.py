"""Matrix factorization."""

from dataclasses import dataclass

from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Layer
from optbench.nn.factorization import Factorization


@dataclass(frozen=True)
class MatrixFactorization(Architecture):
    """z = <p[user], q[item]> + b[user] + c[item] + m, for tables of two columns of categories.

    Users who rated little and items that few rated get a gradient rarely, and nothing else moves their vectors. There
    is no hidden activation, so no place for normalizers or dropout; penalties and decay act on the vectors, not on the
    biases. With several outputs there is a vector for each.
    """

    name = "matrix-factorization"
    reference = "Koren, Bell and Volinsky 2009, Matrix factorization techniques for recommender systems"
    reads = ("categories",)

    embedding: int = hyper(16, valid="[1, inf)", help="units of a vector: the rank")

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        categories, columns = inputs.categories, inputs.shape[0]
        if len(categories) != 2 or columns != 2:
            raise ComponentError(
                f"network matrix-factorization needs two columns of categories and nothing else, but the inputs have "
                f"{len(categories)} and {columns - len(categories)} of values; take network dlrm or mlp"
            )
        return [Factorization((categories[0], categories[1]), self.embedding, outputs)]
