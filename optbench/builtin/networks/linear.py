"""No hidden layer at all."""

from dataclasses import dataclass

from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense


@dataclass(frozen=True)
class Linear(Architecture):
    """z = x W + b: with its loss, linear, logistic or softmax regression. Images are flattened."""

    name = "linear"
    reference = "Cox 1958, The regression analysis of binary sequences"

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        return [Dense(outputs)]
