"""Ratios of logarithms."""

import numpy as np

from optbench.statistics.ratios import of_logs


def test_an_interval_may_end_beyond_the_largest_number():
    assert of_logs([0.0, 1e4, -1e4]).tolist() == [1.0, float("inf"), 0.0]
    assert float(of_logs(np.log(0.25))) == 0.25
