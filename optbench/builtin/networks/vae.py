"""The variational autoencoder."""

from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation, check_sizes, dense_layers
from optbench.contract.architecture import Architecture, Extras, Inputs
from optbench.contract.hyperparameters import hyper
from optbench.contract.layer import Layer
from optbench.nn.dense import Dense
from optbench.nn.latent import GaussianLatent


@dataclass(frozen=True)
class VAE(Architecture):
    """An encoder to a mean and a log variance of each of `latent` Gaussian variables, a draw, the mirrored decoder.

        z = mu(x) + sigma(x) e,  e ~ N(0, I)    loss = reconstruction of x from z  +  beta KL(N(mu, sigma^2), N(0, I))

    The dataset is `reconstruction`; with its cross-entropy and beta = 1 the loss is the negative evidence lower bound,
    in nats an example. (`mean_squared_error` is a mean over features, which beta then has to weigh.) The noise holds
    through a step; evaluations have one draw an example, the same for all parameters and trials. A rate that is too
    high ends in posterior collapse: the variables are noise, all reconstructions alike. Normalizers act between each
    hidden product and its activation, dropout behind that; the latent variables have neither.
    """

    name = "vae"
    reference = "Kingma and Welling 2014, Auto-encoding variational Bayes; Schneider et al. 2019, DeepOBS (8 variables)"

    hidden: tuple[int, ...] = hyper((128, 64), help="units of the encoder's hidden layers; the decoder's come reversed")
    latent: int = hyper(8, valid="[1, inf)", help="latent variables")
    beta: float = hyper(1.0, valid="[0, inf)", help="weight of the divergence in the loss")
    activation: str = hyper("relu", help="of every hidden layer")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_sizes("network vae: hidden", self.hidden)
        check_activation("network vae: activation", self.activation)

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        encoder = dense_layers(self.hidden, self.activation, extras)
        decoder = dense_layers(self.hidden[::-1], self.activation, extras)
        return [*encoder, Dense(2 * self.latent), GaussianLatent(self.beta), *decoder, Dense(outputs)]
