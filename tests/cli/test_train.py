"""`optbench train` as a user calls it: exit statuses, messages, Ctrl-C in a real process."""

import re
import signal

import numpy as np
import pytest

from optbench.cli import main
from optbench.lab import watch
from optbench.lab.single import trial
from optbench.registry.registry import registry
from optbench.training import checkpoint
from optbench.training.trainer import train
from support.processes import ended, start_optbench
from support.suites import candidate, moons, suite, valley

SUITE = suite(
    moons(
        "points", samples=200, hidden=[6, 4], normalizers=["standardize", "batch-norm"], regularizer="dropout",
        initializer="he", batch_size=16,
    ),
    valley(steps=30, evaluate_every=10), candidate("sgd"),
)  # fmt: skip


@pytest.fixture(name="suite")
def _suite(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SUITE)
    return str(path)


@pytest.fixture
def call(capsys):
    def run(*words):
        with pytest.raises(SystemExit) as stop:
            main(["train", *map(str, words)])
        return stop.value.code, capsys.readouterr()

    return run


def test_a_training_from_its_first_step_to_its_page(call, suite, tmp_path):
    folder = tmp_path / "out"
    status, output = call("--suite", suite, "--workload", "points", "--set", "lr=1e-2", "--out", folder)
    assert status == 0
    lines = output.out.splitlines()
    assert lines[0].startswith("step 0, epoch 0.0, train loss ")
    assert lines[-3] == "done"
    assert lines[-2].startswith("test loss ")
    assert lines[-1] == f"page: {folder / 'train.html'}"
    assert all("rate 0.01" in text for text in lines[:-3])
    status, output = call("--resume", folder, "--set", "epochs=6", "--set", "lr=.002")
    assert status == 0
    later = [text for text in output.out.splitlines() if re.search(r"epoch [56]\.", text)]
    assert later
    assert all("rate 0.002" in text for text in later)
    assert "lr 0.01 → 0.002" in (folder / "train.html").read_text()


def test_a_function_with_the_default_folder(call, suite, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, output = call("--suite", suite, "--workload", "valley", "--optimizer", "sgd", "--set", "lr=0.001")
    assert status == 0
    assert "test" not in output.out
    assert (tmp_path / "results" / "train" / "valley-sgd" / "train.html").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "what to train: --workload NAME, or --resume DIR"),
        (["--workload", "pints"], "workload pints: .*did you mean 'points'"),
        (["--workload", "points", "--optimizer", "adm"], "no optimizer 'adm'; did you mean 'adam'"),
        (["--workload", "points", "--set", "lr"], r"--set 'lr': expected PATH=VALUE, such as lr=0\.01"),
        (["--workload", "points", "--set", "lrr=1"], "--set lrr: there is no such setting; did you mean 'lr'"),
        (["--workload", "points", "--set", "lr=-1"], r"optimizer adam: lr must be in \[0, inf\), got -1"),
        (["--workload", "points", "--set", "keep=0"], r"regularizer dropout: keep must be in \(0, 1\], got 0"),
        (["--workload", "points", "--set", "epochs=0"], r"--set epochs: must be a whole number in \[1, inf\)"),
        (["--workload", "points", "--seed", "-1"], r"seed must be a whole number in .*, got -1"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_status_2(call, suite, tmp_path, words, message):
    status, output = call("--suite", suite, "--out", tmp_path / "out", *words)
    assert status == 2
    assert output.out == ""
    assert output.err.startswith("error: ")
    assert output.err.count("\n") == 1
    assert re.search(message, output.err)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["workload", "suite", "optimizer", "normalizer", "seed", "out"])
def test_resume_goes_on_with_what_it_has(call, tmp_path, option):
    status, output = call("--resume", tmp_path, f"--{option}", "1")
    assert status == 2
    assert f"leave out --{option}; --set changes settings" in output.err


def test_a_folder_with_and_without_a_training(call, suite, tmp_path):
    status, output = call("--resume", tmp_path / "nothing")
    assert status == 2
    assert "there is no checkpoint" in output.err
    assert call("--suite", suite, "--workload", "valley", "--out", tmp_path / "out")[0] == 0
    status, output = call("--suite", suite, "--workload", "valley", "--out", tmp_path / "out")
    assert status == 2
    assert f"go on with --resume {tmp_path / 'out'}" in output.err
    status, output = call("--resume", tmp_path / "out")
    assert status == 2
    assert "to go on give more, such as --set steps=60" in output.err


def test_an_error_in_training_is_status_1_and_divergence_says_how_to_go_on(call, suite, tmp_path, monkeypatch):
    words = ("--suite", suite, "--workload", "valley", "--optimizer", "sgd")
    status, output = call(*words, "--set", "lr=1e9", "--out", tmp_path / "far")
    assert status == 0
    assert "diverged: not finite at step" in output.out
    assert f"go on with: optbench train --resume {tmp_path / 'far'} --set" in output.out
    from optbench.builtin.optimizers import SGD

    def breaks(self, params, grads, state, context):
        raise RuntimeError("broken")

    monkeypatch.setattr(SGD, "step", breaks)
    status, output = call(*words, "--out", tmp_path / "broken")
    assert status == 1
    assert "RuntimeError: broken" in output.out
    assert "Traceback" in (tmp_path / "broken" / "train.html").read_text()


# ------------------------------------------------------------------------------------------------------- Ctrl-C


def started(*words):
    return start_optbench("train", *words, env={"PYTHONUNBUFFERED": "1"})


def read_until(process, beginning):
    for text in process.stdout:
        if text.startswith(beginning):
            return
    pytest.fail(f"it never wrote {beginning!r}: {process.stderr.read()}")


def test_ctrl_c_saves_and_the_rest_has_the_bits_of_a_training_that_was_never_stopped(call, suite, tmp_path):
    folder = tmp_path / "out"
    every = 10
    words = ("--set", "steps=1000000", "--set", f"evaluate_every={every}")
    with started("--suite", suite, "--workload", "points", "--out", folder, *words) as process:
        read_until(process, "step 20,")
        process.send_signal(signal.SIGINT)
        done = ended(process)
    out, err = done.stdout, done.stderr
    assert done.returncode == 130
    assert err == ""
    stopped = checkpoint.load(folder / watch.CHECKPOINT)["training"]["step"]
    assert stopped >= 20
    assert stopped % every == 0
    assert f"stopped at step {stopped}; go on with: optbench train --resume {folder}" in out
    assert "stopping at the next evaluation; Ctrl-C again stops at once" in out
    assert (folder / "train.html").exists()

    end = stopped + 50
    assert call("--resume", folder, "--set", f"steps={end}")[0] == 0
    resumed = checkpoint.load(folder / watch.CHECKPOINT)["training"]

    settings = {"steps": end, "evaluate_every": every}
    never = watch.ready(trial(registry(), "points", suite, settings=settings), registry())
    for _ in train(never):
        pass
    (row,) = never.rows
    assert resumed["step"] == never.number == end
    assert resumed["params"].tobytes() == row.params.tobytes()
    assert np.array_equal([m[5] for m in resumed["history"]], [m.train_loss for m in row.history])


def test_the_second_ctrl_c_stops_at_once(suite, tmp_path):
    folder = tmp_path / "out"
    words = ("--set", "steps=100000000", "--set", "evaluate_every=100000000")
    with started("--suite", suite, "--workload", "points", "--out", folder, *words) as process:
        read_until(process, "step 0,")
        process.send_signal(signal.SIGINT)
        read_until(process, "stopping at the next evaluation")
        process.send_signal(signal.SIGINT)
        done = ended(process)
    out, err = done.stdout, done.stderr
    assert done.returncode == 130
    assert out == ""
    assert f"stopped at once: the checkpoint of step 0 is kept; go on with: optbench train --resume {folder}" in err
    assert checkpoint.load(folder / watch.CHECKPOINT)["training"]["step"] == 0
