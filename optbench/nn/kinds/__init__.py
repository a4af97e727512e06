"""The built-in network kinds, from simple to intricate."""

from optbench.nn.kinds.cnn import CNN
from optbench.nn.kinds.linear import Linear
from optbench.nn.kinds.mlp import MLP

ALL = [Linear, MLP, CNN]
