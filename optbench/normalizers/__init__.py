"""The built-in normalizers: of the inputs, then of hidden activations; from simple to intricate."""

from optbench.normalizers.batch_norm import BatchNormalization
from optbench.normalizers.group_norm import GroupNormalization
from optbench.normalizers.layer_norm import LayerNormalization
from optbench.normalizers.min_max import MinMax
from optbench.normalizers.none import NoNormalizer
from optbench.normalizers.rms_norm import RMSNormalization
from optbench.normalizers.standardize import Standardize
from optbench.normalizers.whiten import Whiten

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
