"""The network of sines, for signals with detail."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_sizes
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Layer
from optbench.nn.sine import Sine, SineProduct


@dataclass(frozen=True)
class Siren(Architecture):
    """a[l] = sin(omega (a[l-1] W[l] + b[l])) for each hidden layer, and one linear layer to the outputs.

    The weights are as small as the paper asks for where the initializer is Glorot's or LeCun's, with the "uniform" ones
    the paper's own: within 1/n for the n inputs, within sqrt(6 / n) / omega behind. Others are scaled alike, as they
    follow the fans: He's are larger by the square root of 2, orthogonal ones are not scaled. Biases start at 0.
    Normalizers act between each product and its sine, dropout behind it. Images are flattened.
    """

    name = "siren"
    reference = "Sitzmann, Martel, Bergman, Lindell and Wetzstein 2020, Implicit neural representations"

    hidden: tuple[int, ...] = hyper((64, 64, 64), help="units of each hidden layer")
    omega: float = hyper(30.0, valid="(0, inf)", help="frequency of every sine")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes("network siren: hidden", self.hidden)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        layers: list[Layer] = []
        for number, units in enumerate(self.hidden):
            layers.append(SineProduct(units, self.omega, first=number == 0))
            layers += extras.before_activation((units,))
            layers.append(Sine(self.omega))
            layers += extras.after_activation((units,))
        return [*layers, SineProduct(outputs, self.omega, first=not self.hidden)]
