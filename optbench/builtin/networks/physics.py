"""The physics-informed network: its outputs are the left side of a differential equation."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_sizes
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Layer
from optbench.nn.equation import EQUATIONS, Equation
from optbench.nn.flatten import Flatten
from optbench.nn.jets import DERIVATIVES, JetActivation, JetDense


@dataclass(frozen=True)
class PhysicsInformed(Architecture):
    """An MLP N(x), u = (1 - x^2) N, and as outputs the left side of an equation for u, to be fitted to its right side.

        poisson   -u''                      burgers   u u' - viscosity u''

    for the dataset `forcing`, whose x lies in [-1, 1], where u is 0 at both ends; inputs are not to be scaled. Second
    derivatives weigh a frequency by its square: the problem is ill-conditioned by nature. The derivatives are carried
    through the layers with the values. Further inputs are parameters of the solution; images are flattened.

    Hidden normalizers and dropout are refused: u would depend on the rest of a mini-batch, or on chance.
    """

    name = "physics-informed"
    reference = "Raissi, Perdikaris and Karniadakis 2019, Physics-informed neural networks"

    hidden: tuple[int, ...] = hyper((32, 32, 32), help="units of each hidden layer")
    activation: str = hyper("tanh", scale="choice", choices=tuple(DERIVATIVES), help="of every hidden layer")
    equation: str = hyper("poisson", scale="choice", choices=EQUATIONS, help="whose left side the outputs are")
    viscosity: float = hyper(0.1, valid="(0, inf)", help="of Burgers' equation")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes("network physics-informed: hidden", self.hidden)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        if extras.factories:
            raise ComponentError(
                "network physics-informed takes no hidden normalizers and no dropout: u would depend on the rest of a "
                "mini-batch, or on chance; let candidates have none on this workload"
            )
        flat: list[Layer] = [Flatten()] if len(inputs.shape) > 1 else []
        hidden = [layer for units in self.hidden for layer in (JetDense(units), JetActivation(self.activation))]
        return [*flat, Equation((*hidden, JetDense(outputs)), self.equation, self.viscosity)]
