"""The recommender of categories and values."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation, check_sizes, dense_layers
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Layer
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.dense import Dense
from optbench.nn.pairwise_products import PairwiseProducts


@dataclass(frozen=True)
class DLRM(Architecture):
    """Each category becomes a vector, an MLP (`bottom`) makes one of the values, and a second (`top`) reads products.

        a_k = E_k[x_k],  a_n = bottom(values),  z = top([<a_i, a_j> for all i < j, a_n])

    The bottom ends in a hidden layer of `embedding` units, and is absent where there are no values. With the
    interaction "cat" the top reads the vectors themselves. Normalizers act between each hidden product and its
    activation, dropout behind that, in both.
    """

    name = "dlrm"
    reference = "Naumov et al. 2019, Deep learning recommendation model for personalization, arXiv:1906.00091"
    reads = ("categories",)

    embedding: int = hyper(16, valid="[1, inf)", help="units of each vector")
    bottom: tuple[int, ...] = hyper((32,), help="units of the hidden layers for values, but the last")
    top: tuple[int, ...] = hyper((64, 32), help="units of the hidden layers behind the interaction")
    interaction: str = hyper("dot", scale="choice", choices=("dot", "cat"))
    activation: str = hyper("relu", help="of every hidden layer")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes("network dlrm: bottom", self.bottom)
        check_sizes("network dlrm: top", self.top)
        check_activation("network dlrm: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        categories, values = inputs.categories, inputs.shape[0] - len(inputs.categories)
        body = dense_layers([*self.bottom, self.embedding], self.activation, extras) if values else []
        front: list[Layer] = [CategoryEmbedding(categories, self.embedding, tuple(body))]
        if self.interaction == "dot":
            if len(categories) + bool(values) < 2:
                raise ComponentError(
                    "network dlrm: interaction = 'dot' needs two vectors, but the inputs are one column of categories; "
                    "take 'cat', or network mlp"
                )
            front.append(PairwiseProducts(self.embedding, bool(values)))
        return [*front, *dense_layers(self.top, self.activation, extras), Dense(outputs)]
