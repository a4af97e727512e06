"""All regularizers as components, and dropout's settings."""

import pytest

from optbench.builtin.regularizers import ALL
from optbench.builtin.regularizers.dropout import DropoutRegularizer
from optbench.contract.hyperparameters import ComponentError
from optbench.nn.dropout import Dropout
from optbench.registry.accepted import check_component
from optbench.registry.making import build


@pytest.mark.parametrize("kind", ALL, ids=[kind.name for kind in ALL])
def test_every_regularizer_is_a_valid_component(kind):
    check_component("regularizers", kind)
    assert kind.reference
    assert kind.__doc__
    assert build(kind, kind().settings()) == kind()


def test_dropout_may_differ_from_layer_to_layer():
    dropout = DropoutRegularizer(0.8, keep_each=[0.5, 1])
    assert [dropout.layer_at((4,), place) for place in range(3)] == [Dropout(0.5), Dropout(1.0), Dropout(0.8)]
    assert dropout.layer((4,)) == Dropout(0.8)


@pytest.mark.parametrize("keep", [0.0, -0.1, 1.01, float("nan")])
def test_impossible_probabilities(keep):
    with pytest.raises(ComponentError, match=r"dropout: keep must be in \(0, 1\]"):
        DropoutRegularizer(keep)
    with pytest.raises(ComponentError, match=r"dropout: keep_each must be probabilities in \(0, 1\]"):
        DropoutRegularizer(0.5, keep_each=(0.5, keep))
