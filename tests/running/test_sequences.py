"""Language models and online data in whole runs: engines, an interruption, and one model by hand."""

import pytest

import optbench
from optbench.cli import main
from support.runs import decided
from support.suites import candidate, suite, workload

LITTLE = {"steps": 12, "evaluate_every": 4, "batch_size": 16}
CHAIN = {"name": "zipf-tokens", "samples": 80, "vocabulary": 30, "length": 6}
WORDS = {"name": "text-words", "samples": 120, "length": 5, "vocabulary": 50}
CHARACTERS = {"name": "text-characters", "samples": 120, "length": 8, "vocabulary": 30}
SUITE = suite(
    workload("words", dataset=WORDS, network={"kind": "gru", "units": 8}, **LITTLE),
    workload("characters", dataset=CHARACTERS, network={"kind": "lstm", "units": 8, "forget_bias": 1.0}, **LITTLE),
    workload("chain", dataset={"name": "online", "inner": CHAIN}, network={"kind": "rnn", "units": 8}, **LITTLE),
    workload("teacher", dataset={"name": "online", "inner": "teacher-student"}, network="mlp", **LITTLE),
    candidate("adam", optimizer="adam"),
    candidate("clipped", optimizer={"name": "clip-norm", "inner": "momentum"}),
    tuning={"method": "none"},
)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "sequences.toml").write_text(SUITE)
    return tmp_path / "sequences.toml"


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serial")
    (folder / "sequences.toml").write_text(SUITE)
    return optbench.run(folder / "sequences.toml", engine="serial", out=folder / "out", report=False)


def test_what_they_measure_is_a_loss_in_nats_and_an_accuracy(serial):
    trials = serial.trials[serial.trials["phase"] == "final"]
    assert (trials["outcome"] == "done").all()
    first = serial.curves[serial.curves["step"] == 0].groupby("workload")["validation_loss"].mean()
    # Before training a language model is about as good as chance: log(vocabulary).
    assert first["words"] == pytest.approx(3.9, abs=0.4)
    assert first["characters"] == pytest.approx(3.4, abs=0.4)
    assert first["chain"] == pytest.approx(3.4, abs=0.4)
    assert set(serial.trials.loc[serial.trials["workload"] != "teacher", "metric"]) == {"accuracy"}


@pytest.mark.parametrize("engine", ["local:2", "dask:local:2"])
def test_workers_give_the_same_bits(path, serial, engine):
    run = optbench.run(path, engine=engine, out=path.parent / "out", report=False)
    assert decided(run.folder).equals(decided(serial.folder))


def test_a_run_that_goes_on_keeps_what_is_done(path, serial):
    out = path.parent / "out"
    some = optbench.run(path, workloads=["chain", "words"], engine="serial", out=out, report=False)
    assert 0 < len(some.trials) < len(serial.trials)
    optbench.run(path, engine="serial", out=out, report=False)
    assert decided(out).equals(decided(serial.folder))


@pytest.mark.parametrize("name", ["words", "chain", "teacher"])
def test_a_training_by_hand_goes_on_with_the_same_bits(path, name, capsys):
    def lines(*words):
        with pytest.raises(SystemExit) as stop:
            main(["train", *words])
        assert stop.value.code == 0
        return [text for text in capsys.readouterr().out.splitlines() if text.startswith(("step 12", "test"))]

    one, two = str(path.parent / "one"), str(path.parent / "two")
    start = ["--suite", str(path), "--workload", name, "--out"]
    whole = lines(*start, one)
    # interrupted within what is drawn at a time: 48 or more examples, of which 16 a step
    lines(*start, two, "--set", "steps=5", "--set", "evaluate_every=5")
    assert lines("--resume", two, "--set", "steps=12", "--set", "evaluate_every=4") == whole
    assert len(whole) == 2
