"""The command line in this process: messages and exit statuses."""

import json
import os

import pytest

from optbench.cli import listing


def test_every_kind_is_listed_and_as_json_too(call):
    for kind in listing.Kind:
        status, out, _ = call("list", kind.value)
        assert status == 0
        status, text, _ = call("list", kind.value, "--json")
        items = json.loads(text)
        assert len(items) >= (1 if kind.value in ("suites", "problems") else 3)
        assert all(item["name"] in out for item in items)
        assert all(item["description"] for item in items)


def test_optimizers_say_their_hyperparameters_with_ranges(call):
    _, text, _ = call("list", "optimizers", "--json")
    adam = next(item for item in json.loads(text) if item["name"] == "adam")
    assert adam["provider"] == "optbench"
    assert adam["reference"]
    rate = adam["hyperparameters"]["lr"]
    assert rate["scale"] == "log"
    assert rate["low"] <= rate["default"] <= rate["high"]


def test_plugins_lists_optbench_itself(call):
    status, out, _ = call("plugins")
    assert status == 0
    assert "optbench:builtin" in out
    assert "adam" in out


def test_gradcheck_passes_and_takes_names(call):
    status, out, _ = call("gradcheck", "dense", "batch-norm")
    assert status == 0
    assert "dense" in out
    assert "gelu" not in out
    status, _, err = call("gradcheck", "densee")
    assert status == 2
    assert "'dense'" in err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "quik"], ["no suite 'quik'", "'quick'"]),
        (["run", "quick", "--candidate", "adm"], ["'adm'", "'adam'"]),
        (["run", "quick", "--workload", "digits-mpl"], ["'digits-mpl'", "'digits-mlp'"]),
        (["run", "quick", "--engine", "locl"], ["--engine", "'local'"]),
        (["run", "quick", "--engine", "local:0"], ["--engine", "processes in [1, 10000]"]),
        (["run", "quick", "--seeds", "0"], ["seeds must be a whole number in [1, 9999], got 0"]),
        (["run", "quick", "--trials", "0"], ["trials must be a whole number in [1, 100000], got 0"]),
        (["run", "quick", "--ruleset", "tuning-fre"], ["ruleset", "did you mean 'tuning-free'?"]),
        (["run", "quick", "--timeout", "-1"], ["timeout must be a number of seconds in (0, 1e+09], got -1.0"]),
        (["run", "quick", "--timeout", "nan"], ["timeout must be a number of seconds in (0, 1e+09], got nan"]),
        (["run", "quick", "--engine", "local:²"], ["--engine", "processes in [1, 10000]"]),
        (["run", "quick", "--candidate", "SGD"], ["'SGD'", "did you mean 'sgd'?"]),
        (["reproduce", "reference", "--trials", "0"], ["trials must be a whole number in [1, inf), got 0"]),
        (["reproduce", "reference", "--seed", "-1"], ["seed must be a whole number in [0, 9223"]),
        (["run", "nowhere/none.toml"], ["nowhere/none.toml"]),
        (["report", "nowhere"], ["nowhere", "no results"]),
        (["export", "nowhere", "--format", "csv"], ["nowhere", "no results"]),
        (["export", "nowhere", "--format", "cvs"], ["cvs", "csv"]),
        (["list", "optimisers"], ["optimisers", "optimizers"]),
        (["rnu", "quick"], ["rnu", "run"]),
        (["run"], ["Missing argument"]),
        (["run", "quick", "--candidat", "adam"], ["--candidat", "--candidate"]),
        (["train"], ["--workload"]),
        (["train", "--workload", "digits-mlq"], ["digits-mlq", "'digits-mlp'"]),
        (["train", "--workload", "digits-mlp", "--set", "lr"], ["'lr'", "PATH=VALUE"]),
        (["train", "--workload", "digits-mlp", "--set", "lrr=1"], ["lrr", "'lr'"]),
        (["train", "--resume", "nowhere"], ["nowhere", "no checkpoint"]),
    ],
)
def test_bad_input_is_one_message_with_the_nearest_name(call, tmp_path, monkeypatch, arguments, expected):
    monkeypatch.chdir(tmp_path)
    status, _, err = call(*arguments)
    assert status == 2
    assert err.startswith("error: ")
    for part in expected:
        assert part in err
    assert not list(tmp_path.iterdir()), "nothing is written before the input is known to be good"


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written(call, tmp_path):
    tmp_path.chmod(0o500)
    status, _, err = call("run", "quick", "--out", tmp_path / "out")
    assert status == 2
    assert "cannot write" in err


def test_a_file_in_the_place_of_the_folder(call, tmp_path):
    (tmp_path / "file").touch()
    status, _, err = call("run", "quick", "--out", tmp_path / "file")
    assert status == 2
    assert "cannot write" in err


def test_frameworks_prints_programs_and_writes_their_data(call, tmp_path):
    status, out, _ = call("frameworks", "torch", "--code")
    assert (status, "torch.optim.SGD" in out, "import jax" in out) == (0, True, False)
    status, out, _ = call("frameworks", "--data", str(tmp_path / "arrays"))
    assert (status, out.strip()) == (0, f"arrays: {tmp_path / 'arrays.npz'}")
    assert (tmp_path / "arrays.npz").exists()
    status, _, err = call("frameworks", "jaxx")
    assert (status, "did you mean 'jax'" in err) == (2, True)


def test_a_default_that_no_store_can_keep_is_one_message(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.py").write_text(
        "from dataclasses import dataclass\nfrom optbench import Optimizer, hyper\n"
        "@dataclass(frozen=True)\nclass Odd(Optimizer):\n    name = 'odd'\n    limit: float = hyper(float('inf'))\n"
        "    def step(self, params, grads, state, context):\n        params -= grads\n",
        encoding="utf-8",
    )
    for command in ("run", "plan"):
        status, _, err = call(command, "quick", "--candidate", "./odd.py")
        assert status == 2
        assert err == (
            "error: candidate odd: optimizer odd.py:Odd: limit is inf, but settings are kept as finite numbers; "
            "give one, such as 1e30 for a limit that nothing reaches\n"
        )
