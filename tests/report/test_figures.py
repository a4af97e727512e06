"""Every figure, from usual tables and from those at the edge: what it shows is looked up in its artists."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from optbench.report import candidate_styles, figures, svg

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


def texts(figure):
    return [t.get_text() for axis in figure.axes for t in axis.texts] + [t.get_text() for t in figure.texts]


def draw(figure):
    assert isinstance(figure, Figure)
    svg.freeze(figure)
    return svg.text(figure)


@pytest.fixture(scope="module")
def few(make_results):
    return make_results(["sgd", "adam"], ["digits-mlp", "diabetes-regression"], seeds=3, tune=4, points=6)


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


def test_leaderboard_draws_value_and_interval():
    board = pd.DataFrame({"score": [0.8], "score_low": [0.7], "score_high": [0.95]}, index=["adam"])
    lines = [line.get_xdata().tolist() for line in map(_array_line, figures.leaderboard(board).axes[0].lines)]
    assert lines == [[0.7, 0.95], [0.8]]


def _array_line(line):
    line.set_xdata(np.asarray(line.get_xdata()))
    return line


def test_learning_curves_show_medians_and_the_target(few):
    figure = figures.learning_curves(few.curves, few.trials, order=["adam", "sgd"])
    axis = figure.axes[0]
    assert axis.get_title(loc="left") == "digits-mlp"
    assert axis.get_ylabel() == "validation accuracy"
    final = few.curves.query("phase == 'final' and workload == 'digits-mlp' and candidate == 'adam'")
    expected = final.groupby("step")["validation_metric"].median().to_numpy()
    assert any(
        len(line.get_ydata()) == len(expected) and np.allclose(line.get_ydata(), expected)
        for line in axis.lines
    )
    assert any(list(line.get_ydata()) == [0.95, 0.95] for line in axis.lines)
    assert figure.axes[1].get_ylabel() == "validation loss"
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["adam", "sgd"]


def test_a_loss_that_explodes_does_not_flatten_the_others(few):
    curves = few.curves.copy()
    curves.loc[(curves["candidate"] == "sgd") & (curves["step"] > 400), "train_loss"] = 1e30
    figure = figures.learning_curves(curves, few.trials, "train_loss")
    assert figure.axes[0].get_ylim()[1] < 100


def test_time_to_target_counts_misses_beside_the_dots(few):
    trials = few.trials.copy()
    trials.loc[trials["phase"] == "final", "steps_to_target"] = [np.inf, 100.0, np.inf, *[50.0] * 9]
    figure = figures.target_times(trials)
    assert "2/3" in texts(figure)
    assert "missed" in texts(figure)
    dots = sum(len(line.get_xdata()) for line in figure.axes[0].lines if line.get_linestyle() == "None")
    assert dots == 4  # of sgd's three, one; and adam's


def test_time_to_target_has_a_log_axis_where_times_differ_much(few):
    trials = few.trials.copy()
    trials.loc[trials["phase"] == "final", "steps_to_target"] = [10.0, 10_000.0, 20.0] * 4
    assert figures.target_times(trials).axes[0].get_xscale() == "log"


def test_heat_map_annotates_ratios_to_the_best_and_marks_misses():
    rows = [
        ("w", "a", 100.0),
        ("w", "b", 250.0),
        ("v", "a", np.inf),
        ("v", "b", 7.0),
        ("u", "a", np.inf),
        ("u", "b", np.inf),
    ]
    trials = pd.DataFrame(rows, columns=["workload", "candidate", "steps_to_target"]).assign(phase="final")
    shown = [t for t in texts(figures.heat_map(trials)) if t]
    assert sorted(shown) == sorted(["1.0", "2.5", "1.0", "missed", "missed", "missed"])


def test_rate_sensitivity_puts_each_trial_at_its_rate_and_failures_below(few):
    trials = few.trials[few.trials["phase"] == "tune"].reset_index(drop=True)
    trials["hyperparameters"] = [f'{{"optimizer.inner.lr": {10.0 ** -(i % 4)}}}' for i in range(len(trials))]
    trials["outcome"] = ["diverged" if i % 4 == 0 else "done" for i in range(len(trials))]
    trials["final_validation_metric"] = 0.5 + 0.1 * (trials.index % 4)
    axis = figures.rate_sensitivity(trials).axes[0]
    points = {
        (round(x, 9), round(y, 6)) for line in axis.lines for x, y in zip(*line.get_data(), strict=True)
    }
    assert {(0.1, 0.6), (0.01, 0.7), (0.001, 0.8)} <= points
    below = [y for x, y in points if x == 1.0]
    assert below
    assert max(below) < 0.6
    assert axis.get_xscale() == "log"


def test_outcome_bars_add_up_to_the_trials(few):
    figure = figures.outcome_counts(few.trials)
    widths = sum(p.get_width() for p in figure.axes[0].patches)
    assert widths == (few.trials["phase"] == "final").sum()


def test_claims_show_verdicts_by_colour_and_shape(few):
    figure = figures.claims_forest(few.claims())
    markers = {line.get_marker() for line in figure.axes[0].lines} - {"None", ""}
    assert len(markers) == 3
    assert "0.8 [0.75, 0.84] accuracy, 10 seeds" in texts(figure)


def test_claims_without_a_measurable_effect():
    claims = pd.DataFrame(
        {
            "statement": ["a", "b"],
            "verdict": ["undecided", "supported"],
            "effect": [np.nan, np.inf],
            "low": [np.nan, 2.0],
            "high": [np.nan, np.inf],
            "seeds": [np.nan, 3],
        }
    )
    figure = figures.claims_forest(claims)
    draw(figure)
    assert "∞ [2, ∞], 3 seeds" in texts(figure)


class Bowl:
    minima = ((0.0, 0.0),)
    minimum = 0.0
    window = ((-1.0, 1.0), (-2.0, 2.0))

    def value(self, w):
        return float(w[0] ** 2 + 10 * w[1] ** 2)


def test_contour_paths_draws_each_path_over_the_contours():
    path = np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 0.0]])
    figure = figures.contour_paths(Bowl(), {"sgd": path}, title="bowl")
    axis = figure.axes[0]
    assert any(np.array_equal(np.column_stack(line.get_data()), path) for line in axis.lines)
    assert axis.get_xlim() == (-1, 1)
    draw(figure)


def test_a_path_that_starts_outside_of_the_window_widens_it():
    path = np.array([[1.0, -3.0], [0.0, 0.0]])
    axis = figures.contour_paths(Bowl(), {"sgd": path}).axes[0]
    assert axis.get_xlim() == (-1, 1)
    assert axis.get_ylim() == pytest.approx((-3.2, 2))


def test_contour_paths_needs_two_variables():
    assert "two variables" in texts(figures.contour_paths(Bowl(), {"sgd": np.zeros((3, 5))}))[0]


def test_layer_profile_has_a_panel_for_each_quantity():
    rows = [
        (c, s, q, layer, 10.0 ** (-layer if c == "small" else 0))
        for c in ("small", "he")
        for s in range(3)
        for q in ("activations", "gradients")
        for layer in range(1, 21)
    ]
    profile = pd.DataFrame(rows, columns=["candidate", "seed", "quantity", "layer", "value"])
    figure = figures.layer_profile(profile)
    assert [a.get_title(loc="left") for a in figure.axes] == ["activations", "gradients"]
    assert figure.axes[0].get_yscale() == "log"
    draw(figure)


def test_the_same_tables_give_the_same_drawing(few):
    assert draw(ALL["target"](few)) == draw(ALL["target"](few))


# ------------------------------------------------------------------------------------------- shares, tuning, ranks


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


def test_a_tuning_curve_goes_from_the_mean_to_the_best(few):
    trials = few.trials[(few.trials["workload"] == "digits-mlp") & (few.trials["phase"] == "tune")]
    axis = figures.tuning_curves(trials).axes[0]
    for name, points in zip(["sgd", "adam"], lines_of(axis).values(), strict=True):
        values = trials.loc[trials["candidate"] == name, "final_validation_metric"]
        worst = values.min()
        assert points[:, 0].tolist() == [1, 2, 3, 4]
        assert points[0, 1] == pytest.approx(values.fillna(worst).mean())
        assert points[-1, 1] == pytest.approx(values.max())


def test_the_rank_diagram_joins_who_is_not_told_apart():
    ranks = pd.Series({"a": 1.2, "b": 1.9, "c": 2.9})
    figure = figures.rank_diagram(ranks, [["a", "b"]], 1.5)
    axis = figure.axes[0]
    bars = [line for line in axis.lines if line.get_linewidth() > 3]
    assert [bar.get_xdata() for bar in bars] == [pytest.approx([1.16, 1.94])]
    assert {"a   1.20", "b   1.90", "2.90   c", "Nemenyi's critical difference 1.50"} <= set(texts(figure))
    draw(figure)


def test_more_seeds_than_can_be_told_apart_are_thinned_but_the_median_is_of_all():
    steps = np.arange(1, 402, dtype=float)
    trials = pd.DataFrame({"candidate": "adam", "workload": "w", "phase": "final", "steps_to_target": steps})
    axis = figures.target_times(trials).axes[0]
    dots = [line for line in axis.lines if line.get_linestyle() == "None"]
    ticks = [line.get_xdata()[0] for line in axis.lines if line.get_linewidth() == 2.2]
    assert len(dots[0].get_xdata()) == 40
    assert (min(dots[0].get_xdata()), max(dots[0].get_xdata())) == (1, 401)
    assert ticks == [201]


def test_of_very_many_tuning_trials_the_best_at_each_rate_and_the_selected_one_are_drawn():
    rates = np.geomspace(1e-3, 1e-1, 300)
    trials = pd.DataFrame(
        {
            "candidate": "adam", "workload": "w", "phase": "tune", "outcome": "done", "metric": "accuracy",
            "hyperparameters": [f'{{"optimizer.lr": {r}}}' for r in rates],
            "final_validation_metric": np.tile([0.5, 0.9, 0.7], 100), "selected": np.arange(300) == 150,
        }
    )  # fmt: skip
    axis = figures.rate_sensitivity(trials).axes[0]
    curve, ring = (lines_of(axis)[gid] for gid in ("mark:c0:0", "mark:c0:1"))
    assert 20 <= len(curve) <= 30
    assert np.sum(curve[:, 1] == 0.9) >= len(curve) - 1
    assert ring.tolist() == [pytest.approx([rates[150], 0.5])]


def test_the_overview_has_a_mark_for_each_claim_in_its_topics_row():
    claims = pd.DataFrame(
        {
            "topic": ["a", "b", "a"],
            "statement": ["x", "y", "z"],
            "verdict": ["supported", "refuted", "undecided"],
        }
    )
    figure = figures.claims_overview(claims)
    axis = figure.axes[0]
    places = [(line.get_xdata()[0], line.get_ydata()[0], line.get_marker()) for line in axis.lines]
    assert places == [(0, 0, "o"), (1, 0, "D"), (0, 1, "X")]
    assert [t.get_text() for t in axis.get_legend().get_texts()] == ["1 supported", "1 refuted", "1 undecided"]
    draw(figure)
