import numpy as np
import pandas as pd
import pytest

from optbench.report import figures


def lines_of(axis):
    return {line.get_gid(): np.column_stack(line.get_data()) for line in axis.lines if line.get_gid()}


def test_a_profiles_area_is_the_score():
    times = pd.DataFrame(
        [[10.0, 20.0, np.inf], [20.0, 10.0, np.inf], [35.0, np.inf, 7.0]], ["a", "b", "c"], ["u", "v", "w"]
    )
    from optbench.statistics import score

    axis = figures.performance_profile(times, 4.0).axes[0]
    for points, expected in zip(lines_of(axis).values(), score(times.to_numpy()), strict=True):
        x, y = points.T
        assert (x[0], x[-1]) == (1, 4)
        assert np.sum(np.diff(x) * y[:-1]) / 3 == pytest.approx(expected)


def test_the_ecdf_keeps_the_shares_where_it_is_thinned():
    budget = np.concatenate([[0.0], np.geomspace(1e-3, 1, 300)])
    shares = pd.DataFrame({"candidate": "adam", "budget": budget, "share": np.linspace(0.1, 0.9, 301)})
    axis = figures.target_shares(shares).axes[0]
    (points,) = lines_of(axis).values()
    assert len(points) <= 80
    assert points[-1] == pytest.approx([1, 0.9])
    assert points[0] == pytest.approx([1e-3, 0.1])
    inner = points[1:]
    assert np.interp(inner[:, 0], budget, shares["share"]) == pytest.approx(inner[:, 1])


@pytest.mark.parametrize(("budgets", "shares"), [([0.0], [1.0]), ([0.0, 0.2], [0.0, 0.5])])
def test_the_ecdf_is_drawn_where_all_is_met_at_one_budget(budgets, shares):
    made = figures.target_shares(pd.DataFrame({"candidate": "adam", "budget": budgets, "share": shares}))
    made.draw_without_rendering()
    (points,) = lines_of(made.axes[0]).values()
    low, high = made.axes[0].get_xlim()
    assert 0 < low <= points[0, 0] <= points[-1, 0] < high
    assert points[-1, 1] == shares[-1]


def test_the_ecdf_of_runs_that_reach_nothing_is_a_sentence():
    made = figures.target_shares(pd.DataFrame({"candidate": "adam", "budget": [0.0, 1.0], "share": 0.0}))
    assert not made.axes
    assert "No run improved" in made.texts[0].get_text()
