"""No hidden layer at all."""

from dataclasses import dataclass

from optbench.nn.architectures import Architecture, Extras
from optbench.nn.dense import Dense
from optbench.nn.layer import Layer, Shape


@dataclass(frozen=True)
class Linear(Architecture):
    """z = x W + b: with its loss, linear, logistic or softmax regression. Images are flattened."""

    name = "linear"
    reference = "Cox 1958, The regression analysis of binary sequences"

    def layers(self, shape: Shape, outputs: int, extras: Extras) -> list[Layer]:
        return [Dense(outputs)]
