"""Holm's correction against arithmetic and statsmodels."""

import numpy as np
import pytest

from optbench.statistics.holm import holm


def test_holm_by_hand():
    # Holm 1979: the smallest times 4, the next times 3, ...
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])
    assert len(holm(np.array([]))) == 0
    # what could not be tested is counted, and stays untested
    np.testing.assert_allclose(holm([0.01, np.nan, 0.03]), [0.03, np.nan, 0.06])


@pytest.mark.oracle
def test_holm_is_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(0).uniform(0, 0.2, 15)
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
