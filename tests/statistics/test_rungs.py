"""Times to ladders from tables: exponential curves, whose times have a formula."""

import math

import numpy as np
import pandas as pd
import pytest

from optbench.statistics.rungs import Ladder, ladder_pairs, workload_ladder

STEPS = np.arange(0, 101, 10)
LADDER = Ladder("train_loss", (1.0, 0.5, 0.1))


def tables(runs):
    """(trials, curves) from (workload, candidate, seed, rate, outcome): the loss is 2 exp(-rate step)."""
    trials, curves = [], []
    for workload, name, seed, rate, outcome in runs:
        key = f"{workload}-{name}-{seed}"
        about = {"workload": workload, "candidate": name, "seed": seed, "study": 0, "key": key, "phase": "final"}
        spent = {"steps": 100.0, "gradients": 200.0, "epochs": 5.0, "seconds_per_step": 0.5}
        trials.append({**about, **spent, "outcome": outcome})
        loss = 2 * np.exp(-rate * STEPS)
        curve = {"step": STEPS, "gradients": 2 * STEPS, "epoch": STEPS / 20, "train_loss": loss}
        curves.append(pd.DataFrame({**about, **curve, "train_metric": 1 - loss}))
    return pd.DataFrame(trials), pd.concat(curves, ignore_index=True)


def test_times_are_those_of_the_formula_in_every_unit():
    trials, curves = tables([("w", "a", s, 0.05 + 0.01 * s, "done") for s in range(3)])
    rates, levels = 0.05 + 0.01 * np.arange(3), np.array(LADDER.levels)
    steps = np.log(2 / levels) / rates[:, None]
    for by, factor in (("steps", 1), ("gradients", 2), ("epochs", 1 / 20), ("seconds", 0.5)):
        pairs = ladder_pairs(trials, curves.sample(frac=1, random_state=1), {"w": LADDER}, by)
        np.testing.assert_allclose(np.exp(pairs.values[0, 0]), factor * steps, rtol=1e-9)
        assert not pairs.missed.any()
    with pytest.raises(ValueError, match="expected one of"):
        ladder_pairs(trials, curves, {"w": LADDER}, "hours")


def test_the_difference_of_a_pair_is_the_mean_over_the_ladder():
    trials, curves = tables([("w", "a", 0, 0.08, "done"), ("w", "b", 0, 0.04, "done")])
    pairs = ladder_pairs(trials, curves, {"w": LADDER})
    assert pairs.differences(0, 1)[0] == pytest.approx([math.log(0.5)])  # twice the rate, half the time at any level
    # b meets the hardest after log(20) / 0.025 = 119.8 steps: a miss of 100, so at least 101
    trials, curves = tables([("w", "a", 0, 0.05, "done"), ("w", "b", 0, 0.025, "done")])
    expected = np.mean([math.log(0.5), math.log(0.5), math.log(math.log(20) / 0.05 / 101)])
    assert ladder_pairs(trials, curves, {"w": LADDER}).differences(0, 1)[0] == pytest.approx([expected])


def test_diverged_runs_miss_all_and_nothing_takes_less_than_a_step():
    trials, curves = tables([("w", "a", 0, 2.0, "done"), ("w", "b", 0, 0.1, "diverged")])
    pairs = ladder_pairs(trials, curves, {"w": LADDER})
    assert pairs.missed[:, 0, 0].tolist() == [[False] * 3, [True] * 3]
    np.testing.assert_allclose(pairs.values[0, 0, 0], np.log([1, 1, math.log(20) / 2]))
    np.testing.assert_allclose(pairs.values[1, 0, 0], np.log([101] * 3))


def test_workloads_have_ladders_of_their_own_length_or_none():
    runs = [(w, name, s, 0.05, "done") for w in "uvw" for name in "ab" for s in range(2)]
    trials, curves = tables(runs)
    pairs = ladder_pairs(trials, curves, {"w": LADDER, "u": Ladder("train_accuracy", (0.2,))})
    assert pairs.workloads == ["u", "w"]
    assert np.isnan(pairs.values).sum(axis=(0, 2, 3)).tolist() == [8, 0]
    assert [d.tolist() for d in pairs.differences(0, 1)] == [[0, 0], [0, 0]]
    before, after = 1 - 2 * math.exp(-0.5), 1 - 2 * math.exp(-1)  # between the 10th and the 20th step a line
    assert np.exp(pairs.values[0, 0, 0, 0]) == pytest.approx(10 + 10 * (0.2 - before) / (after - before))
    assert ladder_pairs(trials, curves, {}).workloads == []


def test_a_workloads_ladder_comes_from_its_final_runs():
    trials, curves = tables([("w", "a", s, 0.04, "done") for s in range(4)] + [("w", "b", 0, 0.9, "done")])
    tuned = trials.assign(phase=np.where(trials["candidate"] == "b", "tune", "final"))
    found = workload_ladder(tuned, curves[curves["candidate"] == "a"], "w", rungs=2, earliest=0.5)
    assert found.levels == pytest.approx((2 * math.exp(-2), 2 * math.exp(-4)))
    assert found.lower


@pytest.mark.parametrize("by", ["steps", "gradients", "epochs", "seconds"])
def test_pairs_of_a_store_with_ladders_are_those_of_its_curves(tmp_path, by):
    from optbench.referee.synthetic import synthetic_store
    from optbench.results.results import Results
    from optbench.statistics import seed_pairs

    synthetic_store(tmp_path, ["sgd", "adam"], 2, seeds=4, trials=3, seed=2)
    plain = Results(tmp_path)
    names = dict(zip([w["name"] for w in plain.suite["workloads"]], ((0.5, 0.7, 0.9), (0.8, 2.0)), strict=True))
    expected = ladder_pairs(
        plain.trials, plain.measurements("final"), {n: Ladder("validation_accuracy", v) for n, v in names.items()}, by
    )
    with_ladders(tmp_path, names)
    table = Results(tmp_path).trials
    found = seed_pairs(table, by)
    assert (found.candidates, found.workloads) == (expected.candidates, expected.workloads)
    np.testing.assert_allclose(found.values, expected.values)
    np.testing.assert_array_equal(found.missed, expected.missed)
    assert np.isinf(table.loc[table["workload"] == list(names)[1], "steps_to_target"]).all()


def with_ladders(folder, ladders):
    """The store with these targets in its trials' settings."""
    import json
    import sqlite3

    with sqlite3.connect(folder / "store.sqlite") as connection:
        for number, text in connection.execute("SELECT id, text FROM texts").fetchall():
            settings = json.loads(text)
            if "target" not in settings:
                continue
            levels = ladders[settings["name"]]
            settings["target"] |= {"ladder": levels, "value": levels[-1]}
            connection.execute("UPDATE texts SET text = ? WHERE id = ?", (json.dumps(settings), number))
    connection.close()
