"""The built-in regularizers: penalties, a constraint, layers, batch transforms, early stopping."""

from optbench.regularizers.dropout import DropoutRegularizer
from optbench.regularizers.early_stopping import EarlyStopping
from optbench.regularizers.elastic_net import ElasticNet
from optbench.regularizers.gaussian_noise import GaussianNoise
from optbench.regularizers.l1 import L1
from optbench.regularizers.l2 import L2
from optbench.regularizers.label_smoothing import LabelSmoothing
from optbench.regularizers.max_norm import MaxNorm
from optbench.regularizers.shifts import Shifts

ALL = [L2, L1, ElasticNet, MaxNorm, DropoutRegularizer, GaussianNoise, LabelSmoothing, Shifts, EarlyStopping]
