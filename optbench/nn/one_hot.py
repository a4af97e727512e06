"""A table's categories as indicators, beside its values."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import FixedOp, Layer, Op, Shape, Wires, memory
from optbench.nn.columns import check_columns


@dataclass(frozen=True)
class OneHot(Layer):
    """y = [1{x1 = 0}, …, 1{x1 = n1 - 1}, 1{x2 = 0}, …, v]: the dummy variables of regression, and the values.

    x (batch, K + values) holds class numbers in its first K = len(categories) columns, the k-th below nk =
    categories[k], and values v behind them. Nothing is trained, and nothing goes back.
    """

    categories: tuple[int, ...]
    any_order = True
    reads_output = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", tuple(self.categories))

    def output(self, shape: Shape) -> Shape:
        check_columns(shape, self.categories)
        return (sum(self.categories) + shape[0] - len(self.categories),)

    def op(self, wires: Wires) -> Op:
        return OneHotOp(wires, self)


class OneHotOp(FixedOp):
    def __init__(self, wires: Wires, layer: OneHot):
        super().__init__(wires)
        if wires.dx is not None:
            raise OptbenchError("indicators must be the first layer: categories have no gradient")
        y, place = memory(wires.y), 0
        for column, categories in enumerate(layer.categories):
            numbers = np.arange(categories, dtype=y.dtype)[:, None]
            given = wires.x[..., column][:, None, :]
            self.ahead.append(partial(np.equal, given, numbers, y[:, place : place + categories]))
            place += categories
        values = wires.x[..., len(layer.categories) :]
        if values.shape[-1]:
            self.ahead.append(partial(np.copyto, y[:, place:], values.swapaxes(1, 2)))
