"""Recurrent networks on sequences of vectors or tokens, and on the rows of images."""

from dataclasses import dataclass
from typing import ClassVar

from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense
from optbench.nn.embedding import Embedding
from optbench.nn.gru import GRU
from optbench.nn.lstm import LSTM
from optbench.nn.recurrent import Recurrent
from optbench.nn.tanh_recurrence import TanhRecurrence


@dataclass(frozen=True)
class RecurrentNetwork(Architecture):
    """What the three kinds have in common: a recurrent layer, and a product from its last state to the outputs.

    Tokens are embedded first. Where every position has a target, the product is of the state after each.
    """

    cell: ClassVar[type[Recurrent]] = TanhRecurrence
    reads = ("values", "tokens")
    every = True

    units: int = hyper(64, valid="[1, inf)", help="of the hidden state")
    embedding: int = hyper(16, valid="[1, inf)", help="units of a token's vector, where inputs are tokens")

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        every, features = inputs.positions > 1, (self.units,)
        front: list[Layer] = []
        if inputs.vocabulary:
            front = [Embedding(inputs.vocabulary, self.embedding)]
        elif len(inputs.shape) < 2:
            raise ComponentError(
                f"network {self.name} needs sequences (time, features) or images, whose rows it reads one after the "
                f"other, but the inputs have shape {inputs.shape}; for flat features take network mlp or linear"
            )
        behind = [*extras.before_activation(features), *extras.after_activation(features)]
        return [*front, self.layer(every), *behind, Dense(outputs)]

    def layer(self, every: bool) -> Recurrent:
        return self.cell(self.units, every)


@dataclass(frozen=True)
class RNN(RecurrentNetwork):
    """h[t] = tanh(x[t] W + b + h[t-1] U), and a linear layer from the last h to the outputs.

    An image is read row by row, a token as a vector that is learned. Normalizers and dropout act on the h that are
    read, never between times.
    """

    name = "rnn"
    reference = "Elman 1990, Finding structure in time"


@dataclass(frozen=True)
class GRUNetwork(RecurrentNetwork):
    """h[t] = (1 - z) n + z h[t-1] with gates r, z and n = tanh(x[t] W + b + r (h[t-1] U + c)), then a linear layer.

    An image is read row by row, a token as a vector that is learned. Normalizers and dropout act on the h that are
    read, never between times.
    """

    name = "gru"
    reference = "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder"
    cell = GRU


@dataclass(frozen=True)
class LSTMNetwork(RecurrentNetwork):
    """c[t] = f c[t-1] + i g, h[t] = o tanh(c[t]) with gates o, i, f, and a linear layer from the last h to the outputs.

    An image is read row by row, a token as a vector that is learned. Normalizers and dropout act on the h that are
    read, never between times. Biases start at 0, where torch draws them about 0, with f at a half: what is 10 times ago
    counts a thousandth. With `forget_bias` 1 (Jozefowicz, Zaremba and Sutskever 2015) it is 0.73 and a twentieth.
    """

    name = "lstm"
    reference = "Hochreiter and Schmidhuber 1997, Long short-term memory"
    cell = LSTM

    forget_bias: float = hyper(0.0, valid="(-inf, inf)", help="what the bias of the forget gate starts at")

    def layer(self, every: bool) -> Recurrent:
        return LSTM(self.units, every, self.forget_bias)
