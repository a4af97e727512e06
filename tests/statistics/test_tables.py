"""From a store's runs to tables: each rule on runs whose values are known by hand."""

import json
import math

import numpy as np
import pytest

from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError
from optbench.statistics.metrics import TRIAL_COLUMNS
from optbench.statistics.tables import cost_frame, curve_frame, trial_frame
from optbench.store.store import Store
from optbench.trials.trial import OUTCOMES, Assignment, Run, Trial

NAN, INF = math.nan, math.inf


def measurement(step, accuracy=0.5, loss=1.0):
    return Measurement(
        step, step / 10, 2 * step, step / 100, 0.1, loss + 1, accuracy + 0.1, loss, accuracy, 1.0
    )


def trial(seed=0, target=("validation_accuracy", 0.8), optimizer=None, **workload):
    goal = None if target is None else {"metric": target[0], "value": target[1]}
    settings = {"name": "w", "function": None, "loss": "softmax_cross_entropy", "target": goal, **workload}
    components = {
        "optimizer": optimizer or {"name": "sgd", "lr": 0.1},
        "schedule": {"name": "constant"},
        "initializer": {"name": "he-normal"},
        "normalizers": [],
        "regularizers": [],
    }
    return Trial(settings, components, seed, {})


RISING = tuple(measurement(10 * i, accuracy) for i, accuracy in enumerate([0.1, 0.5, 0.85, 0.7, 0.9]))


def frame(tmp_path, *rows, table=trial_frame, phase="final", costs=(), select=()):
    """The table of (trial, run) pairs, all of candidate "c"."""
    with Store(tmp_path / "s", create=True) as store:
        for number, (t, run) in enumerate(rows):
            store.assign([Assignment(t.workload["name"], "c", phase, 0, number, t)])
            store.add(t, run)
        store.add_costs(costs)
        for row in select:
            store.select(*row)
        return table(store)


def test_the_time_to_target_is_when_the_curve_crosses_it(tmp_path):
    done = frame(
        tmp_path, (trial(), Run("done", RISING, 4, 0.3, 0.88)), costs=[("w", "c", 0.01, 0.009, 0.012, 7)]
    ).iloc[0]
    steps = 10 + 10 * (0.8 - 0.5) / (0.85 - 0.5)
    assert done["steps_to_target"] == pytest.approx(steps)
    assert done["gradients_to_target"] == pytest.approx(2 * steps)
    assert done["epochs_to_target"] == pytest.approx(steps / 10)
    assert done["seconds_to_target"] == pytest.approx(steps / 100)
    assert not [name for name in done.index if "_to_target." in name]
    assert done["seconds"] == 0.4  # what was measured, not what was calibrated
    assert (done["steps"], done["gradients"], done["epochs"]) == (40, 80, 4.0)


@pytest.mark.parametrize(
    ("target", "steps"),
    [
        (("validation_accuracy", 0.1), 1),  # nothing is trained before the first step
        (("validation_accuracy", 0.9), 40),
        (("validation_accuracy", 0.91), INF),
        (("train_r2", 0.95), 20),
        (("validation_loss", 0.25), 20),
        (("train_loss", 1.0), INF),
        (None, NAN),
    ],
)
def test_targets(tmp_path, target, steps):
    losses = [1, 0.5, 0.25, 0.1, 0.2]
    curve = tuple(
        measurement(m.step, m.validation_metric, loss) for m, loss in zip(RISING, losses, strict=True)
    )
    row = frame(tmp_path, (trial(target=target), Run("done", curve, 4))).iloc[0]
    np.testing.assert_equal(row["steps_to_target"], float(steps))
    assert row["target_metric"] == target[0] if target else row.isna()["target_metric"]


def test_a_ladder_is_the_geometric_mean_of_its_times_and_a_miss_of_the_hardest_is_a_miss(tmp_path):
    curve = tuple(measurement(10 * i, loss=0.1**i) for i in range(4))
    goal = {"metric": "validation_loss", "ladder": [0.1, 0.01], "value": 0.01, "further": [0.1]}
    rows = []
    for seed, levels in enumerate(([0.1, 0.01], [0.1, 10**-1.5, 1e-9])):
        t = trial(seed)
        t.workload["target"] = {**goal, "ladder": levels, "value": levels[-1]}
        rows.append((t, Run("done", curve, 3)))
    rows.append((trial(2), Run("done", RISING, 4)))
    table = frame(tmp_path, *rows)
    assert table["steps_to_target"].tolist() == pytest.approx([200**0.5, INF, 20 - 10 / 7])
    assert table["gradients_to_target"].tolist()[0] == pytest.approx(2 * 200**0.5)
    assert table["target_value"].tolist() == [0.01, 1e-9, 0.8]
    each = table[[f"steps_to_target.{k}" for k in (1, 2, 3)]].to_numpy()
    np.testing.assert_allclose(each[:2], [[10, 20, NAN], [10, 15, INF]])


def test_seconds_without_a_cost_are_missing(tmp_path):
    row = frame(tmp_path, (trial(), Run("done", RISING, 4))).iloc[0]
    assert math.isnan(row["seconds_to_target"])


def test_a_miss_has_infinite_seconds(tmp_path):
    rows = [(trial(), Run("done", RISING[:2], 1))]
    assert frame(tmp_path, *rows, costs=[("w", "c", 0.01, 0.01, 0.01, 1)])["seconds_to_target"][0] == INF


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_only_a_run_that_ended_well_has_results(tmp_path, outcome):
    row = frame(tmp_path, (trial(), Run(outcome, RISING, 4, 0.3, 0.88, message="why"))).iloc[0]
    good = outcome in ("done", "stopped")
    assert row["steps_to_target"] == (pytest.approx(20 - 10 / 7) if good else INF)
    np.testing.assert_equal(row["final_test_metric"], 0.88 if good else NAN)
    np.testing.assert_equal(row["final_validation_metric"], 0.9 if good else NAN)
    assert row["steps"] == 40  # what was spent is spent
    assert row["message"] == "why"


def test_final_values_are_those_of_the_kept_measurement(tmp_path):
    row = frame(tmp_path, (trial(), Run("stopped", RISING, 2, 0.3, 0.8))).iloc[0]
    assert row["final_validation_metric"] == 0.85
    assert row["final_train_metric"] == pytest.approx(0.95)
    assert row["generalization_gap"] == pytest.approx(0.95 - 0.8)
    assert row["steps"] == 40


def test_a_workload_with_only_a_loss_has_its_gap_in_the_loss(tmp_path):
    curve = (Measurement(0, 0.0, 0, 0.0, 0.1, 2.0, NAN, NAN, NAN, 1.0),)
    t = trial(target=("train_loss", 0.5), function={"name": "bowl"}, loss=None)
    row = frame(tmp_path, (t, Run("done", curve, 0, 2.5, NAN))).iloc[0]
    assert row["metric"] == "value"
    assert row["generalization_gap"] == 0.5


def test_a_run_without_measurements(tmp_path):
    row = frame(tmp_path, (trial(), Run("crashed", message="killed"))).iloc[0]
    assert row["steps_to_target"] == INF
    assert row[["steps", "final_train_loss", "final_test_loss", "generalization_gap"]].isna().all()


def test_further_numbers_become_columns(tmp_path):
    rows = [
        (trial(0), Run("done", RISING, 4, metrics={"norm": 2.0, "gap": INF})),
        (trial(1), Run("diverged", RISING)),
        (trial(2), Run("done", RISING, 4, metrics={"norm": 3.0})),
    ]
    table = frame(tmp_path, *rows)
    np.testing.assert_equal(table["metric.norm"].to_numpy(), [2.0, NAN, 3.0])
    np.testing.assert_equal(table["metric.gap"].to_numpy(), [INF, NAN, NAN])
    assert tuple(table.columns) == (*TRIAL_COLUMNS, "metric.gap", "metric.norm")


def test_what_a_trial_was(tmp_path):
    table = frame(
        tmp_path,
        *((trial(s), Run("done", RISING, 4)) for s in (3, 4)),
        phase="tune",
        select=[("w", "c", 0, trial(4).key)],
    )
    assert table["seed"].tolist() == [3, 4]
    assert table["selected"].tolist() == [False, True]
    assert table["key"].tolist() == [trial(3).key, trial(4).key]
    assert table["normalizer"].tolist() == ["none"] * 2
    assert table["metric"].tolist() == ["accuracy"] * 2
    assert json.loads(table["hyperparameters"][0]) == {"optimizer.lr": 0.1}


def test_a_batch_size_that_differs_is_a_hyperparameter(tmp_path):
    rows = [(trial(batch_size=size, split={"test": 0.2}), Run("done", RISING, 4)) for size in (16, 64)]
    table = frame(tmp_path, *rows)
    assert [json.loads(t)["batch_size"] for t in table["hyperparameters"]] == [16, 64]
    assert all("split.test" not in json.loads(t) for t in table["hyperparameters"])


def test_a_trial_that_two_candidates_share_counts_for_each_with_its_own_target(tmp_path):
    easy, hard = trial(), trial(target=("validation_accuracy", 0.9), name="hard")
    assert easy.key == hard.key
    table = frame(tmp_path, (easy, Run("done", RISING, 4)), (hard, Run("done", RISING, 4)))
    assert table["workload"].tolist() == ["w", "hard"]
    assert table["steps_to_target"].tolist() == pytest.approx([20 - 10 / 7, 40])


def test_curves_have_a_row_a_measurement(tmp_path):
    rows = [
        (trial(0), Run("done", RISING, 4)),
        (trial(1), Run("crashed")),
        (trial(2), Run("diverged", RISING[:2])),
    ]
    curves = frame(tmp_path, *rows, table=curve_frame)
    assert curves["seed"].tolist() == [0] * 5 + [2] * 2
    assert curves["step"].tolist() == [0, 10, 20, 30, 40, 0, 10]
    assert curves["validation_metric"].tolist() == [0.1, 0.5, 0.85, 0.7, 0.9, 0.1, 0.5]
    assert curves["step"].dtype == np.int64


def test_empty_tables_have_their_columns(tmp_path):
    with Store(tmp_path / "s", create=True) as store:
        assert tuple(trial_frame(store)) == TRIAL_COLUMNS
        assert {"workload", "step", "train_loss"} <= set(curve_frame(store))
        assert list(cost_frame(store)) == [
            "workload",
            "candidate",
            "seconds_per_step",
            "low",
            "high",
            "samples",
        ]


def test_chunks_do_not_show(tmp_path):
    rows = [
        (
            trial(s, target=("validation_accuracy", 0.8) if s % 2 else None),
            Run("done", RISING[:s], s - 1, metrics={"n": s}),
        )
        for s in range(1, 6)
    ]
    with Store(tmp_path / "s", create=True) as store:
        store.assign(Assignment("w", "c", "final", 0, i, t) for i, (t, _) in enumerate(rows))
        store.add_all(rows)
        whole, curves = trial_frame(store), curve_frame(store)
        planned = store.planned_runs
        store.planned_runs = lambda phase=None: planned(phase, size=2)
        assert trial_frame(store).equals(whole)
        assert curve_frame(store).equals(curves)


def test_a_target_that_no_metric_matches(tmp_path):
    with pytest.raises(OptbenchError, match="unknown metric 'validation_acuracy'; did you mean"):
        frame(tmp_path, (trial(target=("validation_acuracy", 0.8)), Run("done", RISING, 4)))
