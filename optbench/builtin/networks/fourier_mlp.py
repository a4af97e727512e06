"""The multilayer perceptron on random Fourier features."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation, check_sizes, dense_layers
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense
from optbench.nn.flatten import Flatten
from optbench.nn.fourier import FourierFeatures


@dataclass(frozen=True)
class FourierMLP(Architecture):
    """An MLP that reads cos(2 pi x B) and sin(2 pi x B) in place of x, for signals with detail.

    B (inputs, waves) ~ N(0, scale^2) is not trained. It is drawn from `features_seed`, the same for all trials, so that
    all candidates have the same features. Normalizers act between each product and its activation, dropout behind.
    Images are flattened.
    """

    name = "fourier-mlp"
    reference = "Tancik et al. 2020, Fourier features let networks learn high frequency functions"

    waves: int = hyper(64, valid="[1, inf)", help="number of waves; each gives a cosine and a sine")
    scale: float = hyper(2.0, valid="[0, inf)", help="standard deviation of their frequencies, in periods over 1")
    features_seed: int = hyper(0, valid="[0, inf)", help="that the frequencies are drawn from")
    hidden: tuple[int, ...] = hyper((64, 64), help="units of each hidden layer")
    activation: str = hyper("relu", help="of every hidden layer")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes("network fourier-mlp: hidden", self.hidden)
        check_activation("network fourier-mlp: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        flat: list[Layer] = [Flatten()] if len(inputs.shape) > 1 else []
        features = FourierFeatures(self.waves, self.scale, self.features_seed)
        return [*flat, features, *dense_layers(self.hidden, self.activation, extras), Dense(outputs)]
