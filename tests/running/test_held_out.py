"""A whole run with held-out variants: trained on fresh seeds alone, told apart in every table, resumed by key."""

import pytest

import optbench
from optbench.running.progress import Watcher
from support.suites import ACCURATE, candidate, moons, suite, workload

SUITE = suite(
    moons(target=ACCURATE),
    workload("moons-noisy", variant_of="moons", dataset={"noise": 0.3}),
    workload("moons-resplit", variant_of="moons", split={"seed": 4}),
    candidate("sgd", optimizer="sgd"), candidate("adam", optimizer="adam"), tuning={"trials": 3, "studies": 2},
)  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("held-out")
    path = folder / "suite.toml"
    path.write_text(SUITE)
    return path, optbench.run(path, "serial", folder / "out")


def test_variants_have_final_runs_with_the_settings_of_the_base(ran):
    trials = ran[1].trials
    counts = trials.groupby(["workload", "phase"]).size().to_dict()
    assert counts == {
        ("moons", "tune"): 2 * 2 * 3, ("moons", "final"): 2 * 2 * 2,
        ("moons-noisy", "final"): 8, ("moons-resplit", "final"): 8,
    }  # fmt: skip
    final = trials[trials["phase"] == "final"]
    for _, rows in final.groupby(["candidate", "study"]):
        assert rows["hyperparameters"].nunique() == 1
        assert rows.groupby("workload")["seed"].agg(list).map(tuple).nunique() == 1
    assert final["key"].is_unique
    assert final.loc[final["workload"] == "moons", "variant_of"].isna().all()
    assert set(final.loc[final["workload"] == "moons-noisy", "variant_of"]) == {"moons"}


def test_tables_keep_them_apart(ran):
    results = ran[1]
    assert results.leaderboard()["trials"].tolist() == [4, 4]
    assert set(results.workload_table()["workload"]) == {"moons"}
    variants = results.variants()
    assert variants[["workload", "candidate"]].to_numpy().tolist() == [
        [w, c] for w in ("moons-noisy", "moons-resplit") for c in ("sgd", "adam")
    ]
    assert set(results.costs["workload"]) == {"moons", "moons-noisy", "moons-resplit"}
    assert (results.folder / "report.html").stat().st_size > 10_000


def test_the_same_again_trains_nothing(ran):
    class Counting(Watcher):
        trained = 0

        def finished(self, trial, run):
            self.trained += 1

    watcher = Counting()
    again = optbench.run(ran[0], "serial", ran[1].folder, watcher=watcher, report=False)
    assert watcher.trained == 0
    assert watcher.kept == watcher.expected == 12 + 24
    assert len(again.trials) == 36
