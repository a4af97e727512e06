"""Hidden normalizers as components: names, places, settings that reach their layers."""

import numpy as np
import pytest

from optbench.builtin.normalizers import ALL
from optbench.builtin.normalizers.batch_norm import BatchNormalization
from optbench.builtin.normalizers.group_norm import GroupNormalization
from optbench.builtin.normalizers.layer_norm import LayerNormalization
from optbench.builtin.normalizers.rms_norm import RMSNormalization
from optbench.contract.components import HiddenNormalizer
from optbench.contract.hyperparameters import ComponentError
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.group_norm import GroupNorm
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.rms_norm import RMSNorm
from optbench.registry.accepted import check_component

HIDDEN = [kind for kind in ALL if issubclass(kind, HiddenNormalizer)]


@pytest.mark.parametrize("kind", ALL, ids=[kind.name for kind in ALL])
def test_every_normalizer_is_a_valid_component(kind):
    check_component("normalizers", kind)
    assert kind.reference
    assert kind.__doc__


def test_settings_reach_the_layers():
    assert BatchNormalization(0.5, 1e-3).layer((4,)) == BatchNorm(0.5, 1e-3)
    assert LayerNormalization(1e-3).layer((4,)) == LayerNorm(1e-3)
    assert RMSNormalization(1e-3).layer((4,)) == RMSNorm(1e-3)
    assert GroupNormalization(2, 1e-3).layer((3, 3, 4)) == GroupNorm(2, 1e-3)
    assert all(kind.place == "before_activation" for kind in HIDDEN)


def test_groups_must_divide_units_and_channels():
    for features in ((30,), (5, 5, 30)):
        with pytest.raises(ComponentError, match="group-norm: groups = 8 does not divide the 30 channels"):
            GroupNormalization().layer(features)


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (BatchNormalization, {"momentum": 1.0}, r"batch-norm: momentum must be in \[0, 1\)"),
        (BatchNormalization, {"epsilon": 0.0}, r"batch-norm: epsilon must be in \(0, inf\)"),
        (GroupNormalization, {"groups": 0}, r"group-norm: groups must be in \[1, inf\)"),
        (LayerNormalization, {"epsilon": -1.0}, "layer-norm: epsilon"),
    ],
)
def test_impossible_settings(kind, settings, message):
    with pytest.raises(ComponentError, match=message):
        kind(**settings)


@pytest.mark.parametrize("kind", HIDDEN, ids=[kind.name for kind in HIDDEN])
def test_only_the_roles_scale_and_shift(kind):
    roles = [p.role for p in kind().layer((8,)).parameters((8,))]
    assert roles == (["scale"] if kind is RMSNormalization else ["scale", "shift"])
    assert np.prod([p.shape[0] for p in kind().layer((3, 3, 8)).parameters((3, 3, 8))]) in (8, 64)
