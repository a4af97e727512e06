"""Ranks and the studentized range against scipy.stats."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optbench.statistics.ranking import midranks, studentized_range

tied = hnp.arrays(
    float,
    hnp.array_shapes(min_dims=1, max_dims=2, max_side=8),
    elements=st.sampled_from([-np.inf, -1.5, 0.0, -0.0, 2.0, 3.0, np.inf]),
)


@given(tied)
def test_ranks_are_scipys(values):
    np.testing.assert_array_equal(midranks(values), scipy.stats.rankdata(values, axis=0))


@pytest.mark.parametrize("groups", [2, 3, 7, 31, 100])
@pytest.mark.parametrize("chance", [0.5, 0.95, 0.999])
def test_the_studentized_range_is_scipys(chance, groups):
    expected = scipy.stats.studentized_range.ppf(chance, groups, np.inf)
    assert studentized_range(chance, groups) == pytest.approx(expected, rel=1e-11)


def test_the_range_of_two_is_a_normal_difference():
    assert studentized_range(0.95, 2) == pytest.approx(np.sqrt(2) * scipy.stats.norm.ppf(0.975), rel=1e-12)
