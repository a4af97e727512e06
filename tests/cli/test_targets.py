"""`optbench targets`, from the baselines' runs to the file."""

import tomllib

import pytest

from optbench import cli
from optbench.registry.registry import registry
from optbench.suite import load
from support.suites import bowl, candidate, moons, suite, workload

SUITE = "# kept\n" + suite(
    moons(), bowl(steps=40, target={"metric": "train_loss", "value": 100.0}),
    workload("moons-noisy", variant_of="moons", dataset={"noise": 0.4}),
    candidate("sgd", optimizer="sgd"), candidate("adam", optimizer="adam"), title="T", seeds=3,
)  # fmt: skip


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = cli.guarded(lambda: cli._invoke(["targets", *map(str, arguments)]))
        out = capsys.readouterr()
        assert "Traceback" not in out.err
        return status, out.out, out.err

    return call


def test_to_the_output_then_to_a_file_then_in_place(call, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SUITE)
    status, out, err = call(path, "--engine", "serial")
    assert status == 0
    assert path.read_text() == SUITE
    assert "moons: train_loss" in err
    assert "(had none)" in err
    assert "bowl: train_loss" in err
    assert "(was train_loss 100)" in err
    assert "moons-noisy" not in out  # has the target of its base
    assert (tmp_path / "results" / "mine-targets" / "store.sqlite").exists()

    status, out, err = call(path, "--engine", "serial", "--out", "copy.toml")  # from the same runs
    assert (status, out) == (0, "")
    assert "26 finished trials are kept" in err
    found = load(tmp_path / "copy.toml", registry())
    assert found.workload("moons").target.metric == "train_loss"
    assert found.workload("moons-noisy").target == found.workload("moons").target
    assert found.provenance["bowl"].candidates == ("sgd", "adam")
    assert found.provenance["bowl"].runs == 6

    assert call(path, "--engine", "serial", "--write")[0] == 0
    assert path.read_text() == (tmp_path / "copy.toml").read_text()
    assert path.read_text().startswith("# kept\n")
    assert tomllib.loads(path.read_text())["workloads"][1]["target"]["ladder"][-1] < 100.0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["quick", "--write"], ["--write", "'quick'", "plugin", "--out"]),
        (["quick", "--write", "--out", "x.toml"], ["--write and --out"]),
        (["quik"], ["'quik'", "'quick'"]),
        (["none.toml"], ["none.toml"]),
        (["quick", "--workload", "digits-mpl"], ["'digits-mpl'", "'digits-mlp'"]),
        (["quick", "--candidate", "adm"], ["'adm'", "'adam'"]),
    ],
)
def test_bad_input_is_one_message_before_anything_runs(call, tmp_path, arguments, expected):
    status, _, err = call(*arguments)
    assert status == 2
    for part in expected:
        assert part in err
    assert not list(tmp_path.iterdir())
