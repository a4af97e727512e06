"""Results of a folder: the tables of a made-up store, and what is refused."""

import sqlite3

import numpy as np
import pytest

from optbench.contract.errors import OptbenchError
from optbench.referee.synthetic import synthetic_store
from optbench.results.results import STORE, Results
from optbench.statistics import leaderboard
from optbench.store.store import Store
from optbench.trials.trial import Run, Trial


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    synthetic_store(folder, ["sgd", "adam", "lion"], 2, seeds=4, trials=3)
    return Results(folder)


def test_what_was_run(results):
    assert results.title == "Synthetic: made-up trials"
    assert results.suite["seeds"] == 4
    assert results.baseline == "sgd"
    assert results.problems == []
    assert "made up" in results.environment["note"]


def test_the_tables_fit_together(results):
    trials, curves = results.trials, results.curves
    assert len(trials) == 3 * 2 * (4 + 3)
    assert trials["phase"].value_counts().to_dict() == {"final": 24, "tune": 18}
    assert trials["key"].is_unique
    ended = curves.groupby("key", sort=False)["step"].max()
    assert (trials.set_index("key")["steps"] == ended).all()
    assert results.measurements("tune")["phase"].unique().tolist() == ["tune"]
    assert len(results.costs) == 6
    assert trials.loc[trials["selected"], ["workload", "candidate"]].drop_duplicates().shape[0] == 6
    # a candidate's final runs have the setting of its selected trial
    for _, group in trials.groupby(["workload", "candidate"]):
        chosen = group.loc[group["selected"], "hyperparameters"].item()
        assert set(group.loc[group["phase"] == "final", "hyperparameters"]) == {chosen}
    # and seeds are the same for all candidates
    seeds = trials[trials["phase"] == "final"].groupby("candidate")["seed"].unique()
    assert all(s.tolist() == [1, 2, 3, 4] for s in seeds)


def test_the_leaderboard_is_that_of_the_trials_and_a_copy(results):
    board = results.leaderboard()
    assert board.equals(leaderboard(results.trials, "sgd"))
    standing = results.verdict()
    assert list(standing.candidates) == list(board.index)
    board["score"] = 0.0
    assert results.leaderboard()["score"].max() > 0
    assert len(results.workload_table()) == 6
    assert results.claims()["verdict"].isin(["supported", "refuted", "undecided"]).all()


def test_cautions_are_a_copy_of_what_the_terminal_shows(results):
    table = results.cautions()
    assert list(table.columns) == ["kind", "workload", "candidate", "message"]
    assert "4 paired runs" in table.loc[table["kind"] == "seeds", "message"].iloc[0]
    table["message"] = ""
    assert results.cautions()["message"].ne("").all()


def test_made_up_stores_repeat(results, tmp_path):
    path = synthetic_store(tmp_path / "again.sqlite", ["sgd", "adam", "lion"], 2, seeds=4, trials=3)
    assert Results(path).trials.equals(results.trials)
    other = synthetic_store(tmp_path / "other.sqlite", ["sgd", "adam", "lion"], 2, seeds=4, trials=3, seed=1)
    assert not Results(other).trials.equals(results.trials)


def test_made_up_trials_never_mix_with_others(results):
    with pytest.raises(OptbenchError, match="there is a store already"):
        synthetic_store(results.folder)


def test_arrays_of_a_trial(tmp_path):
    trial = Trial({"name": "w"}, {"optimizer": {"name": "sgd"}}, 0, {})
    with Store(tmp_path / STORE, create=True) as store:
        store.add(trial, Run("done", arrays={"path": np.arange(6.0).reshape(3, 2)}))
    results = Results(tmp_path)
    assert results.arrays(trial.key)["path"].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert results.arrays("nothing") == {}
    assert (results.title, results.suite, results.baseline) == ("", {}, None)
    assert len(results.trials) == len(results.leaderboard()) == len(results.claims()) == 0
    assert len(results.workload_table()) == 0


def test_a_folder_without_results(tmp_path):
    with pytest.raises(OptbenchError, match=r"there are no results here \(no store.sqlite\)"):
        Results(tmp_path)


def test_a_newer_store_is_refused_at_once(tmp_path):
    path = synthetic_store(tmp_path, 1, 1, seeds=1, trials=0)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(OptbenchError, match="schema 999"):
        Results(tmp_path)
