"""The built-in network kinds, from simple to intricate."""

from optbench.builtin.networks.autoencoder import Autoencoder
from optbench.builtin.networks.cnn import CNN
from optbench.builtin.networks.linear import Linear
from optbench.builtin.networks.mlp import MLP
from optbench.builtin.networks.recurrent import RNN, GRUNetwork, LSTMNetwork
from optbench.builtin.networks.residual_mlp import ResidualMLP
from optbench.builtin.networks.resnet import ResNet

ALL = [Linear, MLP, ResidualMLP, Autoencoder, CNN, ResNet, RNN, GRUNetwork, LSTMNetwork]
