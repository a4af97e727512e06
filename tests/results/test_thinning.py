"""Lean runs: small, and every table as before, but for digits that nobody reads."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.context import Measurement
from optbench.referee.synthetic import synthetic_store
from optbench.results.archives import opened, pack
from optbench.results.results import Results
from optbench.results.thinning import crossings, lean, thin
from optbench.trials.bits import difference, shortened
from optbench.trials.trial import Run, Trial

KEY = ["workload", "candidate", "phase", "study", "number"]


@given(st.floats(width=64, allow_nan=True, allow_infinity=True))
def test_24_bits_are_those_of_float32(number):
    (short,) = shortened(np.array([number]), 24)
    if not math.isfinite(number):
        assert short == number or math.isnan(number) == math.isnan(short)
    elif 2.0**-126 <= abs(number) <= float(np.finfo(np.float32).max):
        assert short == np.float64(np.float32(number))
    else:
        assert short == pytest.approx(number, rel=2**-24) or math.isinf(short)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(2, 52))
def test_what_is_short_stays(number, kept):
    short = shortened(np.array([number, -number]), kept)
    assert short[0] == -short[1]
    assert (shortened(short, kept) == short).all()


def losses(values):
    rows = tuple(Measurement(i, i / 3, i, i / 7, 0.1, x, 1 - x, x + 0.1, 0.9 - x, 1.0) for i, x in enumerate(values))
    return Run("done", rows, len(values) - 1, 0.5, 0.5)


def trial(*ladder):
    return Trial({"target": {"metric": "train_loss", "ladder": list(ladder)}}, {}, 0, {})


def test_a_lean_run_meets_its_targets_when_it_did():
    run, asked = losses(np.geomspace(3, 0.01, 200) * (1 + np.pi * 1e-9)), trial(2.0, 0.5, 0.1)
    for final in (True, False):
        small = lean(run, [asked], final)
        steps = [m.step for m in small.measurements]
        assert {run.measurements[i].step for i in crossings(run.measurements, asked.workload["target"])} <= set(steps)
        assert len(steps) == (14 if final else 8)
        assert small.measurements[small.kept].step == 199
        assert small.measurements[-1].train_loss == pytest.approx(0.01, rel=2**-15)
        assert math.isnan(small.measurements[-1].gradient_norm)
        assert difference(small, run, thinned=True) is None
        assert difference(small, run) is not None
    other = losses(np.geomspace(3, 0.01, 200) * 1.001)
    assert difference(lean(run, [asked], False), other, thinned=True).field == "train_loss"


def test_a_run_whose_rounding_would_meet_a_target_otherwise_stays_unrounded():
    level = float(np.float32(0.1))
    run = losses([3.0, np.nextafter(level, 1), level / 2, 0.01 * np.pi])
    small = lean(run, [trial(level)], True)
    assert [m.train_loss for m in small.measurements] == [m.train_loss for m in run.measurements]
    nothing = Run("error")
    assert lean(nothing, [trial(level)], False).measurements == thin(nothing, [trial(level)]).measurements == ()


def test_tables_of_a_lean_archive(tmp_path):
    synthetic_store(tmp_path, 3, 2, seeds=3, trials=4)
    assert pack(tmp_path, tmp_path / "lean.sqlite.xz", lean=True) < pack(tmp_path, tmp_path / "full.sqlite.xz") / 1.5
    before = Results(tmp_path / "store.sqlite").trials.set_index(KEY)
    with opened(tmp_path / "lean.sqlite.xz") as path:
        after = Results(path).trials.set_index(KEY).loc[before.index]
    assert after["key"].equals(before["key"])
    assert after["selected"].equals(before["selected"])
    for column in ("steps_to_target", "final_validation_metric", "final_train_loss"):
        np.testing.assert_allclose(after[column], before[column], rtol=1e-3)
