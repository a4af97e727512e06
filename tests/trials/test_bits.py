"""Whether two runs have the same bits."""

import math
from dataclasses import replace

import numpy as np
import pytest

from optbench.contract.context import Measurement
from optbench.trials.bits import difference
from optbench.trials.trial import Run

NAN = float("nan")


def measured(step, loss, seconds=0.1):
    return Measurement(step, step / 9, step, seconds, 0.1, loss, NAN, loss, NAN, 1.0)


RUN = Run("done", (measured(0, 2.0), measured(9, 1.0), measured(18, 0.5)), 2, 0.25, NAN, metrics={"norm": 3.0},
          arrays={"path": np.arange(4.0)})  # fmt: skip


def test_seconds_are_no_result_and_nan_is_nan():
    other = replace(RUN, measurements=tuple(replace(m, seconds=9.0) for m in RUN.measurements), message="later")
    assert difference(RUN, other) is None


LATER = measured(9, np.nextafter(1.0, 2))


@pytest.mark.parametrize(
    ("change", "field", "at"),
    [
        ({"measurements": (RUN.measurements[0], LATER, RUN.measurements[2])}, "train_loss", 1),
        ({"measurements": RUN.measurements[:2]}, "number of measurements", None),
        ({"outcome": "stopped"}, "outcome", None),
        ({"kept": 1}, "kept measurement", None),
        ({"test_loss": -0.25}, "test_loss", None),
        ({"test_metric": 0.5}, "test_metric", None),
        ({"metrics": {}}, "metric.norm", None),
        ({"arrays": {}}, "array 'path'", None),
        ({"arrays": {"path": np.arange(4.0, dtype="f4")}}, "array 'path'", None),
    ],
)
def test_the_first_difference_is_named(change, field, at):
    for pair in ((RUN, replace(RUN, **change)), (replace(RUN, **change), RUN)):
        found = difference(*pair)
        assert (found.field, found.at) == (field, at)
        assert field in str(found)


def test_how_large_it_is():
    other = replace(RUN, measurements=(measured(0, 2.0), measured(9, 1.01), measured(18, 0.5)))
    assert difference(RUN, other).relative == pytest.approx(0.01 / 1.01)
    assert difference(replace(RUN, test_loss=0.0), replace(RUN, test_loss=-0.0)).relative == 0.0
    assert math.isinf(difference(RUN, replace(RUN, test_metric=0.5)).relative)
    assert "relative" not in str(difference(RUN, replace(RUN, test_metric=0.5)))


def test_thinned_runs_are_compared_where_both_were_measured():
    thin = replace(RUN, measurements=(RUN.measurements[0], RUN.measurements[2]), kept=1, arrays={})
    assert difference(RUN, thin).field == "step"
    assert difference(RUN, thin, thinned=True) is None
    wrong = replace(thin, measurements=(thin.measurements[0], measured(18, 0.6)))
    assert difference(RUN, wrong, thinned=True).field == "train_loss"
