"""No hidden layer at all."""

from dataclasses import dataclass

from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense
from optbench.nn.one_hot import OneHot


@dataclass(frozen=True)
class Linear(Architecture):
    """z = x W + b: with its loss, linear, logistic or softmax regression. Images are flattened.

    Each of a table's categories is a column of x that is 1 or 0, with weights of its own.
    """

    name = "linear"
    reference = "Cox 1958, The regression analysis of binary sequences"

    reads = ("values", "categories")

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        front: list[Layer] = [OneHot(inputs.categories)] if inputs.categories else []
        return [*front, Dense(outputs)]
