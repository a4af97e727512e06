"""Ladders of targets: where formulas say that they stand."""

import numpy as np
import pytest

from optbench.statistics.ladder import Curve, ladder

STEPS = np.arange(0.0, 101.0, 4.0)


def exponential(rate, ended=True):
    return Curve(STEPS, 3 * np.exp(-rate * STEPS), ended)


def test_rungs_stand_evenly_in_the_logarithm_of_time():
    levels = ladder([exponential(0.04)] * 5, rungs=4, earliest=0.125)
    np.testing.assert_allclose(levels, 3 * np.exp(-0.04 * np.array([12.5, 25, 50, 100])))
    higher = ladder([Curve(STEPS, STEPS / 100)] * 3, lower=False, rungs=3, earliest=0.25)
    np.testing.assert_allclose(higher, [0.25, 0.5, 1.0])


def test_the_hardest_is_met_by_the_stated_share():
    runs = [exponential(rate) for rate in np.linspace(0.02, 0.04, 20)]
    ends = np.array([run.values[-1] for run in runs])
    for met in (0.5, 0.9, 1.0):
        levels = ladder(runs, met=met)
        assert len(levels) == 8
        assert (np.diff(levels) < 0).all()
        assert levels[-1] in ends
        assert np.mean(ends <= levels[-1]) >= met
        assert np.mean(ends < levels[-1]) < met - 1e-9
    assert ladder(runs, rungs=1) == pytest.approx([np.sort(ends)[17]])


def test_bad_endings_count_as_the_worst():
    runs = [exponential(0.04)] * 9 + [exponential(0.08, ended=False)]
    np.testing.assert_allclose(ladder(runs), ladder([exponential(0.04)] * 10))
    with pytest.raises(ValueError, match=r"fewer than 90 %"):
        ladder(runs[1:])
    with pytest.raises(ValueError, match="no targets"):
        ladder([])


def test_a_detour_and_a_gap_do_not_move_it():
    bumpy = 3 * np.exp(-0.04 * STEPS)
    bumpy[10] = 50.0
    bumpy[13] = np.nan
    levels = ladder([Curve(STEPS, bumpy)] * 3 + [exponential(0.04)] * 4)
    np.testing.assert_allclose(levels, ladder([exponential(0.04)] * 7))


def test_what_does_not_get_better_has_no_targets():
    with pytest.raises(ValueError, match="became better"):
        ladder([Curve(STEPS, np.ones(len(STEPS)))] * 4)
