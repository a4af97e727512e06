"""Every figure, from usual tables and from those at the edge: what it shows is looked up in its artists."""

import numpy as np
import pandas as pd
import pytest

from optbench.report import figures
from optbench.report.pictures.style import candidate_styles

from .drawn import draw, texts

ALL = {
    "tuning": lambda r: figures.tuning_curves(r.trials),
    "leaderboard": lambda r: figures.leaderboard(r.leaderboard()),
    "curves": lambda r: figures.learning_curves(r.curves, r.trials),
    "loss": lambda r: figures.learning_curves(r.curves, r.trials, "train_loss"),
    "target": lambda r: figures.target_times(r.trials),
    "gap": lambda r: figures.generalization_gap(r.trials),
    "heat": lambda r: figures.heat_map(r.trials),
    "rate": lambda r: figures.rate_sensitivity(r.trials),
    "outcomes": lambda r: figures.outcome_counts(r.trials),
    "claims": lambda r: figures.claims_forest(r.claims()),
}
PANELS = {"leaderboard": 2, "heat": 1, "outcomes": 2, "claims": 1}


@pytest.mark.parametrize("name", ALL)
def test_a_figure_has_a_panel_for_each_workload_and_can_be_drawn(name, few):
    figure = ALL[name](few)
    assert len(figure.axes) == PANELS.get(name, 2)
    assert "sgd" in draw(figure) or name == "claims"


def test_nothing_is_left_open_in_pyplot(few):
    import matplotlib.pyplot as plt

    for name in ("curves", "heat", "target"):
        ALL[name](few)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", [n for n in ALL if n != "leaderboard"])
def test_empty_tables_give_a_figure_that_says_so(name, few):
    class Empty:
        trials, curves = few.trials.iloc[:0], few.curves.iloc[:0]
        claims = staticmethod(lambda: pd.DataFrame())

    assert texts(ALL[name](Empty)) != []


@pytest.mark.parametrize("name", [n for n in ALL if n not in ("leaderboard", "claims")])
def test_when_every_run_diverged_the_figures_still_stand(name, few):
    class Lost:
        trials = few.trials.assign(
            outcome="diverged",
            steps_to_target=np.inf,
            final_validation_metric=np.nan,
            final_validation_loss=np.nan,
            final_train_loss=np.nan,
            generalization_gap=np.nan,
        )
        curves = few.curves[few.curves["step"] == 0].assign(validation_loss=np.nan, train_loss=np.inf)

    draw(ALL[name](Lost))


@pytest.mark.parametrize("name", ALL)
def test_without_targets_rates_or_intervals(name, few):
    class Bare:
        trials = few.trials.assign(
            target_metric=None,
            target_value=np.nan,
            steps_to_target=np.nan,
            hyperparameters="{}",
            selected=False,
        )
        curves = few.curves
        claims = few.claims
        leaderboard = staticmethod(lambda: few.leaderboard()[["score"]])

    draw(ALL[name](Bare))


@pytest.mark.parametrize("name", ALL)
def test_one_candidate_one_workload_one_seed(name, make_results):
    draw(ALL[name](make_results(["adam"], ["digits-mlp"], seeds=1, tune=1, points=2)))


@pytest.mark.parametrize("name", ALL)
def test_hostile_names_are_only_text(name, make_results):
    hostile = ["$\\frac{$", "_hidden", "<script>alert(1)</script>", "\x1b[31m", "名前", "a" * 200]
    document = draw(ALL[name](make_results(hostile, ["<b>$x$"], seeds=2, tune=2, points=3)))
    assert "<script>" not in document
    assert "\x1b" not in document


def test_a_candidate_keeps_its_colour_wherever_it_stands():
    few = ["sgd", "adam", "lion"]
    board = pd.DataFrame({"score": [0.9, 0.5]}, index=["lion", "adam"])
    styles = candidate_styles(few)
    figure = figures.leaderboard(board, styles)
    colors = [line.get_color() for line in figure.axes[0].lines]
    assert colors == [styles["lion"].color, styles["adam"].color]


def test_the_same_tables_give_the_same_drawing(few):
    assert draw(ALL["target"](few)) == draw(ALL["target"](few))
