"""Penalties: values by hand, their gradients, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.builtin.regularizers.elastic_net import ElasticNet
from optbench.builtin.regularizers.l1 import L1
from optbench.builtin.regularizers.l2 import L2
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layout import Layout, Tensor
from optbench.testing.gradcheck import THRESHOLD, check_penalty

LAYOUT = Layout(
    [
        Tensor("weight", (2, 2), "weight", 2, 2, 0, 0),
        Tensor("bias", (2,), "bias", 2, 2, 0, 4),
        Tensor("scale", (2,), "scale", 1, 1, 1, 6),
        Tensor("other", (2, 1), "weight", 2, 1, 2, 8),
    ]
)
PARAMS = np.array([1.0, -2.0, 3.0, 0.0, 50.0, 60.0, 70.0, 80.0, 4.0, -5.0])
WEIGHTS = PARAMS[[0, 1, 2, 3, 8, 9]]


def applied(penalty, params=PARAMS):
    grads = np.ones_like(params)
    value = penalty.apply(params, grads, LAYOUT)
    return value, grads - 1


@pytest.mark.parametrize(
    ("penalty", "value", "gradient"),
    [
        (L2(0.1), 0.05 * 55, 0.1 * PARAMS),
        (L1(0.1), 0.1 * 15, 0.1 * np.sign(PARAMS)),
        (ElasticNet(0.1, 0.25), 0.025 * 15 + 0.0375 * 55, 0.025 * np.sign(PARAMS) + 0.075 * PARAMS),
    ],
    ids=["l2", "l1", "elastic-net"],
)
def test_of_weights_only(penalty, value, gradient):
    found, added = applied(penalty)
    assert found == pytest.approx(value, rel=1e-14)
    assert type(found) is float
    assert np.allclose(added, np.where(LAYOUT.mask("weight"), gradient, 0), rtol=1e-13)


def test_l2_is_the_lambda_of_the_course_over_its_examples():
    lam, m = 0.7, 350
    assert applied(L2(lam / m))[0] == pytest.approx(lam / (2 * m) * (WEIGHTS**2).sum())


@pytest.mark.parametrize("penalty", [L2(), L1(), ElasticNet(), L2(0.0)])
def test_gradient(penalty):
    assert check_penalty(penalty) < THRESHOLD


vectors = st.lists(st.floats(-10, 10), min_size=10, max_size=10).map(np.array)


@given(vectors, st.floats(0, 10), st.floats(0, 1))
@settings(max_examples=50)
def test_elastic_net_has_l1_and_l2_for_its_ends(params, strength, ratio):
    l1, l2 = applied(L1(strength), params), applied(L2(strength), params)
    for net, alone in ((ElasticNet(strength, 1.0), l1), (ElasticNet(strength, 0.0), l2)):
        found = applied(net, params)
        assert found[0] == alone[0]
        assert np.array_equal(found[1], alone[1])
    value, _ = applied(ElasticNet(strength, ratio), params)
    assert value == pytest.approx(ratio * l1[0] + (1 - ratio) * l2[0], abs=1e-9)


@given(vectors, st.floats(0.1, 5), st.sampled_from([L1, L2]))
@settings(max_examples=50)
def test_l1_is_of_degree_1_and_l2_of_degree_2(params, factor, penalty):
    once, _ = applied(penalty(0.3), params)
    scaled, _ = applied(penalty(0.3), factor * params)
    assert scaled == pytest.approx(factor ** (1 if penalty is L1 else 2) * once, abs=1e-12)


@pytest.mark.parametrize("penalty", [L2(0.1), L1(0.1), ElasticNet(0.1)])
def test_float32_stays(penalty):
    grads = np.zeros(10, "float32")
    penalty.apply(PARAMS.astype("float32"), grads, LAYOUT)
    assert grads.dtype == np.float32
    assert grads[0] != 0


@pytest.mark.parametrize("penalty", [L1, L2, ElasticNet])
def test_negative_strength_is_refused(penalty):
    with pytest.raises(ComponentError, match=rf"{penalty.name}: strength must be in \[0, inf\), got -1"):
        penalty(-1)
