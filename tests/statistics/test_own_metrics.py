"""A problem's own metric of which less is better: as its negative, of which more is."""

import numpy as np
import pandas as pd
import pytest

from optbench.statistics import probability_of_improvement, with_failures
from optbench.statistics.cells import normalized
from optbench.statistics.claims import judge
from optbench.statistics.improvement import scores
from optbench.statistics.metrics import direction, unit_of

PLACES = [(w, c, s) for w in ("one", "two") for c in "ab" for s in range(7)]
ROWS = [(w, c, s, 10.0, 5.0 * (c == "b") + s + 3 * (w == "two")) for w, c, s in PLACES]
SPLITS = ["final_test_metric", "final_validation_metric"]


@pytest.fixture
def both(trials):
    """The same runs, measured by how far they are off, and by minus that; the last of each diverged."""
    rows = [*ROWS[:-1], (*ROWS[-1][:-1], np.nan)]
    less, more = trials(rows, metric="off:lower:mm"), trials(rows, metric="near:higher:mm")
    more[SPLITS] *= -1
    return less, more


def test_results_are_placed_alike(both):
    less, more = map(normalized, both)
    pd.testing.assert_series_equal(less, more, check_names=False)
    assert less.groupby(both[0]["candidate"]).mean()["a"] > less.groupby(both[0]["candidate"]).mean()["b"]
    assert less.iloc[-1] == 0


def test_a_failure_counts_as_the_worst(both):
    less, _ = both
    assert with_failures(less, "final_test_metric").iloc[-1] == 5 + 5 + 3
    mixed = pd.concat([less, less.assign(workload="more", metric="near:higher")], ignore_index=True)
    assert with_failures(mixed, "final_test_metric").iloc[-1] == 0


def test_improvement_is_seen(both):
    less, more = (scores(frame, "final") for frame in both)
    for place, found in less.items():
        np.testing.assert_array_equal(found, more[place])
    assert probability_of_improvement([less["one", "a"]], [less["one", "b"]]) > 0.9


@pytest.mark.parametrize("more", [{}, {"equal": ("a", "b"), "expect": "equivalence", "margin": 20.0}])
def test_a_claim_knows_the_direction_and_tells_the_unit(both, more):
    claim = {"better": "a", "worse": "b", "metric": "final_test_metric", "workloads": ["one"], **more}
    less, negative = (judge(claim, frame) for frame in both)
    assert less.verdict == negative.verdict == "supported"
    assert (less.effect, less.low, less.high) == (negative.effect, negative.low, negative.high)
    assert less.effect == pytest.approx(5)
    assert unit_of("final_test_metric", both[0]) == less.unit == "off:lower:mm"


def test_the_direction_needs_the_runs(both):
    assert direction("final_test_metric", both[0]) == "lower"
    assert direction("final_test_metric", both[1]) == direction("final_test_metric") == "higher"
    assert direction("final_test_loss", both[1]) == "lower"
