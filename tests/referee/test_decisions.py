"""The simulations of corrections and of stopping: what they say of truths that are plain."""

import numpy as np
import pytest

from optbench.referee import asked, stopping
from optbench.referee.__main__ import main
from optbench.referee.stopping import Truth, draw, simulate, speed_up
from optbench.statistics.planning import noise


@pytest.mark.parametrize("kind", ["normal", "skewed"])
def test_drawn_pairs_have_the_truth_that_they_are_named_for(kind):
    pairs = draw(Truth("", (0.1, -0.2), between=0.3), kind, 0.12, 4000, np.random.default_rng(0))
    for b, effect in ((1, 0.1), (2, -0.2)):
        means = [group.mean() for group in pairs.differences(0, b)]
        assert np.mean(means) == pytest.approx(effect, abs=0.003)
        assert np.std(means) > 0.1
        assert np.std(pairs.differences(0, b)[0]) == pytest.approx(0.12, rel=0.06)
    assert noise(pairs) == pytest.approx([0.12] * 6, rel=0.06)


def test_plain_truths_are_told_at_once_and_equals_stop():
    rng = np.random.default_rng(0)
    fast = simulate(speed_up(0.5), "normal", "pocock", 4, rng)
    assert (fast["differ"], fast["false"], fast["seeds"], fast["fixed"]) == (1, 0, 6, 1)
    assert abs(fast["naive"]) < 0.1
    level = simulate(speed_up(0.0, 2), "normal", "pocock", 4, rng, spread=0.02)
    assert (level["equal"], level["seeds"]) == (1, 6)
    late = simulate(speed_up(0.0), "normal", "obrien-fleming", 2, rng, spread=3.0)
    assert late["seeds"] == 60


def test_words_are_true_or_not():
    assert [stopping._true("faster", e) for e in (-0.1, 0.0, 0.1)] == [True, False, False]
    assert [stopping._true("equal", e) for e in (-0.1, 0.0, 0.04, 0.05)] == [False, True, True, False]
    assert stopping._true("undecided", 0.3)


def test_corrections_are_compared_on_the_same_draws(tmp_path, capsys):
    frame = asked.measured(6, seeds=(6, 12))
    assert len(frame) == 4 * 2 * 2 * 2
    by = frame.pivot_table(index=["truth", "noise", "seeds"], columns="correction", values="differ")
    assert (by["max-t"] >= by["holm"] - 1e-9).all()
    found = frame[(frame["truth"] == "two equal, four 7 % slower") & (frame["seeds"] == 12)]
    assert (found["differ"] > 0.5).all()
    assert frame.loc[frame["truth"] == "all equal", "differ"].isna().all()
    text = asked.table(frame)
    assert "| all at the margin | skewed | false equality |" in text
    assert main(["--asked", "--samples", "1", "--out", str(tmp_path)]) == 0
    assert "differences found, max-T" in capsys.readouterr().out
    assert (tmp_path / "asked.csv").exists()


def test_the_table_of_stopping_has_a_row_a_simulation():
    frame = stopping.measured(1, truths=[speed_up(0.4)])
    assert len(frame) == 4
    assert "| 40 % faster | 1 | normal | pocock | 0.0 % | 100 % (100 %) |" in stopping.table(frame)


def test_all_pairs_are_asked_about_by_their_own_truths():
    truth = Truth("three", (0.0, -0.5), everyone=True)
    assert truth.asked() == {("mine", "other-0"): 0.0, ("mine", "other-1"): -0.5, ("other-0", "other-1"): -0.5}
    pairs = draw(truth, "normal", 1e-9, 6, np.random.default_rng(0))
    for (a, b), effect in truth.asked().items():
        table = pairs.table(pairs.candidates.index(a), pairs.candidates.index(b))
        np.testing.assert_allclose(table, effect, atol=1e-7)
    found = simulate(truth, "normal", "pocock", 3, np.random.default_rng(1), spread=0.02)
    assert (found["false"], found["seeds"]) == (0.0, 6.0)
    assert found["differ"] == pytest.approx(2 / 3)
    assert found["equal"] == pytest.approx(1 / 3)
