"""The columns of a table as positions: a vector for each category, a multiple of one for each value."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import FixedOp, Layer, Op, Parameter, Shape, Wires
from optbench.nn.columns import Columns
from optbench.nn.positions import opened


@dataclass(frozen=True)
class FeatureTokenizer(Layer):
    """y[j] = E_j[x[j]] + b[j] for each of the first columns, which hold class numbers below `categories[j]`, and
    y[j] = x[j] w[j] + b[j] for each value behind them. Each column becomes a position of `units`.

    E are the rows of `table`, one column's below the other's; w is `weight` (values, units), b `bias` (columns, units).
    (Gorishniy, Rubachev, Khrulkov and Babenko 2021, Revisiting deep learning models for tabular data.)
    """

    units: int
    categories: tuple[int, ...] = ()
    any_order = True
    reads_output = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", tuple(self.categories))

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        if len(shape) != 1 or len(self.categories) > shape[0]:
            raise OptbenchError(
                f"a feature tokenizer reads flat features, {len(self.categories)} of categories first, got inputs of "
                f"shape {shape}"
            )
        rows = {"table": sum(self.categories), "weight": shape[0] - len(self.categories), "bias": shape[0]}
        return tuple(
            Parameter(name, (count, self.units), "weight", self.units, self.units, "embedding")
            for name, count in rows.items()
            if count
        )

    def output(self, shape: Shape) -> Shape:
        return (self.units,)

    def positions(self, shape: Shape, positions: int) -> int:
        return shape[0]

    def op(self, wires: Wires) -> Op:
        return FeatureTokenizerOp(wires, self.categories)


class FeatureTokenizerOp(FixedOp):
    def __init__(self, wires: Wires, categories: tuple[int, ...]):
        super().__init__(wires)
        if wires.dx is not None:
            raise OptbenchError("a feature tokenizer must be the first layer: categories have no gradient")
        stack, batch, columns = wires.x.shape
        split, y = len(categories), opened(wires.y, columns)
        units = y.shape[1]

        def by_unit(tensors: np.ndarray) -> np.ndarray:
            """(stack, units, columns) of (stack, columns, units)."""
            return tensors.swapaxes(1, 2)

        dy = None
        if wires.dy is not None and wires.flat_grads is not None:
            dy = opened(wires.dy, columns)
            self.back = [partial(np.add.reduce, dy, 2, None, by_unit(wires.grads["bias"]))]
        if split:
            looked_up = Columns(categories, wires.x)
            found, calls = looked_up.vectors(wires.params["table"])
            self.ahead += [*looked_up.read, *calls, partial(np.copyto, y[..., :split], np.moveaxis(found, 3, 1))]
            if dy is not None:
                given, calls = looked_up.sums(wires.grads["table"])
                self.back += [partial(np.copyto, np.moveaxis(given, 3, 1), dy[..., :split]), *calls]
        if columns > split:
            values = wires.x[:, None, :, split:]
            weight = by_unit(wires.params["weight"])[:, :, None]
            self.ahead.append(partial(np.multiply, values, weight, y[..., split:]))
            if dy is not None:
                work = np.zeros((stack, units, batch, columns - split), y.dtype)
                self.back += [
                    partial(np.multiply, dy[..., split:], values, work),
                    partial(np.add.reduce, work, 2, None, by_unit(wires.grads["weight"])),
                ]
        self.ahead.append(partial(np.add, y, by_unit(wires.params["bias"])[:, :, None], y))
