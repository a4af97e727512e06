"""Dropout as a component; the arithmetic is in `optbench.nn.dropout`."""

from dataclasses import dataclass

from optbench.contract.components import LayerRegularizer
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Shape
from optbench.nn.dropout import Dropout


@dataclass(frozen=True)
class DropoutRegularizer(LayerRegularizer):
    """Inverted dropout behind every hidden activation: a <- a d / keep, d = 1 with probability keep; off at evaluation.

    `keep_each` gives the hidden layers probabilities of their own, in order; `keep` holds for the others.
    """

    name = "dropout"
    reference = "Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, Dropout"

    keep: float = hyper(0.8, low=0.4, high=1.0, valid="(0, 1]", help="probability that a unit is kept")
    keep_each: tuple[float, ...] = hyper((), help="the same for each hidden layer in order; others take `keep`")

    def __post_init__(self) -> None:
        super().__post_init__()
        for value in self.keep_each:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
                raise ComponentError(
                    f"regularizer dropout: keep_each must be probabilities in (0, 1], got {value!r}"
                )

    def layer(self, features: Shape) -> Dropout:
        return Dropout(self.keep)

    def layer_at(self, features: Shape, place: int) -> Dropout:
        return Dropout(float(self.keep_each[place]) if place < len(self.keep_each) else self.keep)
