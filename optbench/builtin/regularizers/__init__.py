"""The built-in regularizers: penalties, a constraint, layers, batch transforms, early stopping."""

from optbench.builtin.regularizers.dropout import DropoutRegularizer
from optbench.builtin.regularizers.early_stopping import EarlyStopping
from optbench.builtin.regularizers.elastic_net import ElasticNet
from optbench.builtin.regularizers.gaussian_noise import GaussianNoise
from optbench.builtin.regularizers.l1 import L1
from optbench.builtin.regularizers.l2 import L2
from optbench.builtin.regularizers.label_smoothing import LabelSmoothing
from optbench.builtin.regularizers.max_norm import MaxNorm
from optbench.builtin.regularizers.shifts import Shifts

ALL = [L2, L1, ElasticNet, MaxNorm, DropoutRegularizer, GaussianNoise, LabelSmoothing, Shifts, EarlyStopping]
