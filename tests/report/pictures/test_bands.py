import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.report.pictures.bands import POINTS, band, summarize

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@given(NUMBERS)
def test_the_band_holds_the_median_and_at_least_half_of_the_values(values):
    middle, low, high = summarize(np.array([values]))
    assert middle[0] == pytest.approx(np.median(values), abs=1e-9)
    assert low[0] <= middle[0] <= high[0]
    inside = np.sum((np.array(values) >= low[0]) & (np.array(values) <= high[0]))
    assert inside >= len(values) / 2


def test_infinities_take_part_and_missing_values_do_not():
    middle, low, high = summarize(np.array([[1.0, np.inf, np.inf, np.nan], [np.nan] * 4]))
    assert middle[0] == np.inf
    assert (low[0], high[0]) == (1.0, np.inf)
    assert np.isnan(middle[1])


def curve(seed, steps, values):
    return pd.DataFrame(
        {
            "study": 0,
            "number": seed,
            "seed": seed,
            "key": f"k{seed}",
            "step": steps,
            "validation_loss": values,
        }
    )


def test_a_run_that_diverged_counts_as_worst_from_then_on():
    curves = pd.concat(
        [curve(0, [0, 1, 2], [3.0, 2.0, 1.0]), curve(1, [0, 1], [3.0, 9.0]), curve(2, [0, 1], [3.0, np.nan])]
    )
    outcomes = pd.Series({"k0": "done", "k1": "diverged", "k2": "diverged"})
    worst = band(curves, "validation_loss", outcomes, lower=True)
    assert worst["middle"].tolist() == [3.0, 9.0, np.inf]
    best = band(curves, "validation_loss", outcomes, lower=False)
    assert best["middle"].tolist() == [3.0, 2.0, -np.inf]


def test_a_run_that_stopped_keeps_its_last_value():
    curves = pd.concat([curve(0, [0, 1, 2], [3.0, 2.0, 1.0]), curve(1, [0, 1], [3.0, 4.0])])
    found = band(curves, "validation_loss", pd.Series({"k0": "done", "k1": "stopped"}), lower=True)
    assert found["middle"].tolist() == [3.0, 3.0, 2.5]


def test_evaluations_that_did_not_read_the_validation_split_are_left_out():
    nan = np.nan
    curves = pd.concat([curve(0, [0, 1, 2, 3], [3.0, nan, 2.0, 1.0]), curve(1, [0, 1, 2], [3.0, nan, 4.0])])
    found = band(curves, "validation_loss", pd.Series({"k0": "done", "k1": "diverged"}), lower=True)
    assert found["step"].tolist() == [0, 2, 3]
    assert found["middle"].tolist() == [3.0, 3.0, np.inf]


def test_a_failed_run_without_any_measurement_counts_too():
    found = band(
        curve(0, [0], [3.0]), "validation_loss", pd.Series({"k0": "done", "x": "crashed"}), lower=True
    )
    assert found["high"].tolist() == [np.inf]


def test_long_curves_are_thinned_to_points_that_include_both_ends():
    found = band(curve(0, np.arange(1000), np.arange(1000.0)), "validation_loss", lower=True)
    assert len(found) == POINTS
    assert found["step"].iloc[[0, -1]].tolist() == [0, 999]
