"""The built-in network kinds, from simple to intricate."""

from optbench.builtin.networks.autoencoder import Autoencoder
from optbench.builtin.networks.cnn import CNN
from optbench.builtin.networks.dlrm import DLRM
from optbench.builtin.networks.fourier_mlp import FourierMLP
from optbench.builtin.networks.ft_transformer import FTTransformer
from optbench.builtin.networks.graph import GCN, GIN
from optbench.builtin.networks.linear import Linear
from optbench.builtin.networks.matrix_factorization import MatrixFactorization
from optbench.builtin.networks.mlp import MLP
from optbench.builtin.networks.mlp_mixer import MLPMixer
from optbench.builtin.networks.physics import PhysicsInformed
from optbench.builtin.networks.recurrent import RNN, GRUNetwork, LSTMNetwork
from optbench.builtin.networks.residual_mlp import ResidualMLP
from optbench.builtin.networks.resnet import ResNet
from optbench.builtin.networks.siren import Siren
from optbench.builtin.networks.transformer import Transformer
from optbench.builtin.networks.vae import VAE
from optbench.builtin.networks.vit import VisionTransformer

ALL = [
    Linear,
    MLP,
    ResidualMLP,
    Autoencoder,
    VAE,
    FourierMLP,
    Siren,
    PhysicsInformed,
    CNN,
    ResNet,
    RNN,
    GRUNetwork,
    LSTMNetwork,
    Transformer,
    VisionTransformer,
    MLPMixer,
    FTTransformer,
    MatrixFactorization,
    DLRM,
    GCN,
    GIN,
]
