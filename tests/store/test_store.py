"""What the store keeps: runs by their keys, the plan, costs; what is acknowledged stays."""

import math
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from optbench.contract.errors import OptbenchError
from optbench.store.store import Store
from optbench.trials.trial import OUTCOMES, Assignment, Run
from support.stores import trial


def test_metadata_costs_and_selections(tmp_path):
    with Store(tmp_path / "s", create=True) as store:
        store.set("suite", {"title": "Ünï", "seeds": 5})
        store.set("suite", {"title": "Ünï", "seeds": 6})
        store.add_costs(
            [("w", "a", np.float64(1e-4), 9e-5, math.nan, np.int64(7)), ("w", "b", 1.0, 1.0, 1.0, 1)]
        )
        store.add_costs([("w", "b", 2.0, 1.5, 2.5, 3)])
        store.select("w", "a", 0, "key")
        store.select("w", "a", 0, "other")
    with Store(tmp_path / "s", readonly=True) as store:
        assert store.get("suite") == {"title": "Ünï", "seeds": 6}
        assert store.get("nothing", 3) == 3
        first, second = store.costs()
        assert first[:4] == ("w", "a", 1e-4, 9e-5)
        assert math.isnan(first[4])
        assert first[5] == 7
        assert second == ("w", "b", 2.0, 1.5, 2.5, 3)
        assert store.selected() == {("w", "a", 0): "other"}


def test_the_first_run_of_a_key_stays(tmp_path):
    with Store(tmp_path / "s", create=True) as store:
        store.add(trial(), Run("done", message="first", arrays={"a": np.ones(2)}))
        store.add(trial(), Run("error", message="second", arrays={"b": np.ones(2)}))
        assert store.run(trial().key).message == "first"
        assert list(store.run(trial().key).arrays) == ["a"]
        assert store.finished() == {trial().key}
        assert store.run("unknown") is None


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_counts_as_finished(tmp_path, outcome):
    with Store(tmp_path / "s", create=True) as store:
        store.add(trial(), Run(outcome))
        assert store.finished() == {trial().key}


def test_assigning_twice_changes_nothing_but_the_target(tmp_path):
    first = Assignment("digits", "sgd", "final", 0, 0, trial())
    assert trial().key == trial(name="wide", target=0.5).key
    other = Assignment("wide", "sgd", "final", 0, 0, trial(name="wide", target=0.5))
    with Store(tmp_path / "s", create=True) as store:
        store.assign([first, other])
        store.assign([first])
        assert store.assignments() == [first, other]  # one key, and yet each keeps its own name and target
        moved = replace(first, trial=trial(target=0.8))
        store.assign([moved])
        assert store.assignments() == [moved, other]


def test_a_cleared_plan_keeps_the_runs(tmp_path):
    with Store(tmp_path / "s", create=True) as store:
        store.assign([Assignment("digits", "sgd", "final", 0, 0, trial())])
        store.add(trial(), Run("done"))
        store.clear_plan()
        assert store.assignments() == []
        assert list(store.planned_runs()) == []
        assert store.finished() == {trial().key}


def test_a_reader_works_while_a_writer_writes(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path, create=True) as writer, Store(path, readonly=True) as reader:
        for seed in range(3):
            writer.add(trial(seed), Run("done"))
            assert len(reader.finished()) == seed + 1
            with writer._transaction() as db:  # and in the middle of a transaction it sees what was before
                db.execute("DELETE FROM runs")
                assert len(reader.finished()) == seed + 1
                db.execute("ROLLBACK")
                db.execute("BEGIN")
    with Store(path, readonly=True) as store:
        assert len(store.finished()) == 3


def test_a_closed_store_is_one_file_and_a_reader_cannot_write(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path, create=True) as store:
        store.add(trial(), Run("done"))
    before = path.read_bytes()
    with Store(path, readonly=True) as store:
        assert os.listdir(tmp_path) == ["store.sqlite"]
        with pytest.raises(OptbenchError, match="cannot be opened or written"):
            store.add(trial(1), Run("done"))
    assert path.read_bytes() == before


WRITER = """
import sys
from optbench.contract.components import Measurement
from optbench.store.store import Store
from optbench.trials.trial import Run, Trial
store = Store(sys.argv[1], create=True)
for seed in range(10**6):
    t = Trial({"name": "w"}, {"optimizer": {"name": "sgd"}}, seed, {})
    store.add(t, Run("done", (Measurement(*range(10)),) * 50, 49, float(seed)))
    print(t.key, flush=True)
"""


def test_a_killed_writer_loses_no_acknowledged_trial(tmp_path):
    path = tmp_path / "store.sqlite"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    with process:
        acknowledged = [process.stdout.readline().strip() for _ in range(20)]
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        acknowledged += process.stdout.read().split()
    with Store(path) as store:
        assert set(acknowledged) <= store.finished()
        seeds = {t.key: t.seed for t, _ in store.runs()}
        assert all(store.run(key).test_loss == seeds[key] for key in acknowledged)


def test_what_is_kept_together_is_there_altogether_or_not_at_all(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path, create=True) as store, Store(path, readonly=True) as reader:
        with store.together():
            store.add(trial(0), Run("done"))
            store.assign([Assignment("w", "sgd", "final", 0, 0, trial(1))])
            assert reader.finished() == set()
        assert reader.finished() == {trial(0).key}
        with suppress(RuntimeError), store.together():
            store.add(trial(1), Run("done"))
            raise RuntimeError
        assert reader.finished() == store.finished([trial(0).key, trial(1).key]) == {trial(0).key}
        assert len(store.assignments()) == store.finished_count() == 1


def test_the_first_final_run_that_ended_well_stands_for_a_candidate(tmp_path):
    with Store(tmp_path / "store.sqlite", create=True) as store:
        places = [("w", "sgd", 0), ("w", "sgd", 1), ("w", "sgd", 2), ("w", "adam", 0), ("v", "adam", 3)]
        for workload, candidate, number in places:
            store.assign([Assignment(workload, candidate, "final", 0, number, trial(number, workload))])
        store.assign([Assignment("w", "lion", "tune", 0, 1, trial(1, "w"))])
        store.add(trial(0, "w"), Run("diverged"))
        store.add(trial(2, "w"), Run("done"))
        store.add(trial(1, "w"), Run("stopped"))
        found = [(a.workload, a.candidate, a.number, a.trial) for a in store.first_finals()]
        assert found == [("w", "sgd", 1, trial(1, "w"))]
