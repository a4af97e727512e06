"""Graphs in whole runs: stacks, engines, an interruption, and one model by hand."""

import pytest

import optbench
from optbench.cli import main
from support.runs import decided
from support.suites import candidate, suite, workload

LITTLE = {"steps": 12, "evaluate_every": 4}
BLOCKS = {"name": "stochastic-block-model", "nodes": 200}
GRAPHS = {"name": "random-graphs", "samples": 90}
SUITE = suite(
    workload("club", dataset="karate-club", network={"kind": "gcn", "width": 4}, batch_size="full", **LITTLE),
    workload("blocks", dataset=BLOCKS, network="gcn", split={"train": 40}, batch_size="full", **LITTLE),
    workload("graphs", dataset=GRAPHS, network={"kind": "gin", "width": 4}, batch_size=16, **LITTLE),
    candidate("adam", optimizer="adam"),
    candidate("dropped", optimizer="sgd", normalizer="batch-norm", regularizer="dropout"),
    tuning={"method": "none"},
)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "graphs.toml").write_text(SUITE)
    return tmp_path / "graphs.toml"


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serial")
    (folder / "graphs.toml").write_text(SUITE)
    return optbench.run(folder / "graphs.toml", engine="serial", out=folder / "out", report=False)


def test_a_step_on_one_graph_is_an_epoch(serial):
    trials = serial.trials[serial.trials["phase"] == "final"]
    assert (trials["outcome"] == "done").all()
    assert set(trials["metric"]) == {"accuracy"}
    whole = serial.curves[serial.curves["workload"] != "graphs"]
    assert (whole["epoch"] == whole["step"]).all()


@pytest.mark.parametrize("engine", ["local:2", "dask:local:2"])
def test_workers_give_the_same_bits(path, serial, engine):
    run = optbench.run(path, engine=engine, out=path.parent / "out", report=False)
    assert decided(run.folder).equals(decided(serial.folder))


def test_a_run_that_goes_on_keeps_what_is_done(path, serial):
    out = path.parent / "out"
    some = optbench.run(path, workloads=["blocks"], engine="serial", out=out, report=False)
    assert 0 < len(some.trials) < len(serial.trials)
    optbench.run(path, engine="serial", out=out, report=False)
    assert decided(out).equals(decided(serial.folder))


@pytest.mark.parametrize("name", ["blocks", "graphs"])
def test_a_training_by_hand_goes_on_with_the_same_bits(path, name, capsys):
    def lines(*words):
        with pytest.raises(SystemExit) as stop:
            main(["train", *words])
        assert stop.value.code == 0
        return [text for text in capsys.readouterr().out.splitlines() if text.startswith(("step 12", "test"))]

    one, two = str(path.parent / "one"), str(path.parent / "two")
    start = ["--suite", str(path), "--workload", name, "--out"]
    whole = lines(*start, one)
    lines(*start, two, "--set", "steps=5", "--set", "evaluate_every=5")
    assert lines("--resume", two, "--set", "steps=12", "--set", "evaluate_every=4") == whole
    assert len(whole) == 2
