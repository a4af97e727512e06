"""The built-in normalizers: of the inputs, then of hidden activations; from simple to intricate."""

from optbench.builtin.normalizers.batch_norm import BatchNormalization
from optbench.builtin.normalizers.group_norm import GroupNormalization
from optbench.builtin.normalizers.layer_norm import LayerNormalization
from optbench.builtin.normalizers.min_max import MinMax
from optbench.builtin.normalizers.none import NoNormalizer
from optbench.builtin.normalizers.rms_norm import RMSNormalization
from optbench.builtin.normalizers.standardize import Standardize
from optbench.builtin.normalizers.whiten import Whiten

ALL = [
    NoNormalizer,
    Standardize,
    MinMax,
    Whiten,
    BatchNormalization,
    LayerNormalization,
    RMSNormalization,
    GroupNormalization,
]
