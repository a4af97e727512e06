"""Performance profiles and ratios against the definition by quadrature, and their laws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optbench.statistics import expected_running_time, profile, ratio_to_baseline, score
from optbench.statistics.profiles import ratios

INF, NAN = math.inf, math.nan
times = arrays(float, (4, 5), elements=st.one_of(st.floats(1, 1e4), st.just(INF)))


def test_an_example_by_hand():
    table = np.array([[10.0, 10, INF], [20, 5, INF], [50, INF, INF]])
    np.testing.assert_allclose(ratios(table), [[1, 2, INF], [2, 1, INF], [5, INF, INF]])
    # (4 - 1)/3 + (4 - 2)/3 over three workloads, of which nobody solves the last
    np.testing.assert_allclose(score(table), [5 / 9, 5 / 9, 0])
    np.testing.assert_allclose(
        profile(table, [1, 2, 4.9, 5]), [[1 / 3, 2 / 3, 2 / 3, 2 / 3]] * 2 + [[0, 0, 0, 1 / 3]]
    )


@given(times)
def test_the_closed_form_is_the_area_under_the_profile(table):
    taus = np.linspace(1, 4, 3001)
    middle = (taus[1:] + taus[:-1]) / 2
    area = profile(table, middle).mean(axis=1)  # the integral over 1 ... 4, divided by 3
    np.testing.assert_allclose(score(table), area, atol=1e-3)


@given(times, st.floats(0.1, 100))
def test_scores_do_not_depend_on_the_unit_of_time(table, factor):
    np.testing.assert_allclose(score(table), score(table * factor), rtol=1e-9, atol=1e-12)


@given(times)
def test_scores_lie_between_0_and_1_and_the_quickest_everywhere_has_the_share_that_it_solves(table):
    assert ((score(table) >= 0) & (score(table) <= 1)).all()
    best = np.vstack([table.min(axis=0), table])
    assert score(best)[0] == pytest.approx(np.isfinite(table).any(axis=0).mean())


def test_never_run_is_a_miss_and_a_target_met_at_once_breaks_nothing():
    np.testing.assert_equal(score(np.array([[NAN, 1.0], [2.0, 1.0]])), [0.5, 1.0])
    np.testing.assert_equal(ratios(np.array([[0.0], [0.0], [3.0], [INF]]))[:, 0], [1, 1, INF, INF])
    assert np.isnan(score(np.empty((2, 0)))).all()


def test_batches_of_tables():
    rng = np.random.default_rng(0)
    tables = rng.uniform(1, 10, (6, 3, 4))
    np.testing.assert_array_equal(score(tables), [score(t) for t in tables])
    np.testing.assert_allclose(ratio_to_baseline(tables, 1), [ratio_to_baseline(t, 1) for t in tables])


def test_ratio_to_a_baseline():
    table = np.array([[10.0, 10, 10, INF], [20, 5, INF, 7], [INF, INF, 40, INF], [INF] * 4])
    np.testing.assert_allclose(ratio_to_baseline(table, 0), [1, 1, 4, NAN])


@given(arrays(float, (3, 5), elements=st.floats(1, 1e4)))
def test_ratios_multiply(table):
    own = ratio_to_baseline(table, 0)
    np.testing.assert_allclose(ratio_to_baseline(table, 2), own / own[2], rtol=1e-9)
    np.testing.assert_allclose(own[1], np.prod(table[1] / table[0]) ** 0.2, rtol=1e-9)


def test_expected_running_time():
    assert expected_running_time(np.array([10.0, 30, INF]), 100) == (10 + 30 + 100) / 2
    assert expected_running_time(np.array([10.0, INF]), np.array([100, 50])) == 60
    assert expected_running_time(np.array([INF]), 100) == INF
    assert math.isnan(expected_running_time(np.array([]), 100))
