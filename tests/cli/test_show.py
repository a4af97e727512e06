"""`optbench show` and `optbench --version`: what there is to say of whatever has a name."""

import json
import math
import platform
from importlib.metadata import version

import numpy as np
import pytest

from optbench.lab.about.naming import about
from optbench.lab.about.standing import standings
from optbench.registry.catalogue import meanings, names
from optbench.registry.registry import registry
from optbench.suite import load

PLURAL = sorted(registry().components)


def shown(call, *arguments):
    status, out, err = call("show", *arguments, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)["found"]


def test_a_component_says_formula_ranges_source_cost_and_places(call):
    (adam,) = shown(call, "adam")
    assert (adam["name"], adam["kind"], adam["provider"]) == ("adam", "optimizer", "optbench")
    assert "w <- w - lr m'" in adam["text"]
    assert "Kingma" in adam["reference"]
    assert adam["hyperparameters"]["lr"]["low"] < adam["hyperparameters"]["lr"]["default"]
    assert adam["cost"]["seconds"] > 0
    assert adam["cost"]["times_sgd"] > 0
    assert {one["suite"] for one in adam["standing"]} >= {"quick"}
    _, out, _ = call("show", "adam")
    for part in ("Kingma", "w <- w - lr m'", "1e-05 to 0.1, log", "a step of digits-mlp", "digits-cnn"):
        assert part in out


@pytest.mark.slow
def test_places_are_those_of_the_reference_results():
    """Against medians of the results as a run's own tables have them."""
    from optbench.results.archives import load as load_results
    from optbench.results.archives import shipped

    with shipped("quick", ["digits-cnn"]) as (archive,):
        runs = load_results(archive).trials
    finals = runs[runs["phase"] == "final"]
    medians = {name: np.median(rows["steps_to_target"]) for name, rows in finals.groupby("candidate")}
    for name in medians:
        places = standings(registry(), "optimizer", name)
        (one,) = [p for p in places if (p["suite"], p["workload"]) == ("quick", "digits-cnn")]
        better = sum(value < medians[name] for value in medians.values())
        assert (one["place"], one["of"]) == (1 + better, len(medians))
        assert one["steps"] == (medians[name] if math.isfinite(medians[name]) else None)


def test_a_workload_says_network_data_target_and_noise(call):
    (found,) = shown(call, "digits-mlp")
    layers = [layer for layer in found["network"]["layers"] if layer["parameters"]]
    assert [layer["parameters"] for layer in layers] == [64 * 64 + 64, 64 * 32 + 32, 32 * 10 + 10]
    assert found["network"]["parameters"] == sum(layer["parameters"] for layer in layers)
    assert sum(found["data"]["examples"].values()) == 1797
    assert found["target"]["metric"] == "train_loss"
    assert found["provenance"]["candidates"]
    assert found["noise"]["seeds"] > 1
    assert found["noise"]["steps"] > 0
    _, out, _ = call("show", "digits-mlp", "--quick")
    for part in ("Dense (units 64)", "4,160", "1,797 examples", "train_loss 0.197", "quick"):
        assert part in out
    assert "from seed to seed" not in out


def test_a_suite_says_its_plan(call):
    (found,) = shown(call, "quick")
    suite = load("quick", registry())
    assert [w["name"] for w in found["workloads"]] == [w.name for w in suite.workloads]
    assert [c["name"] for c in found["candidates"]] == [c.name for c in suite.candidates]
    pairs = len(suite.workloads) * len(suite.candidates)
    assert found["trials"] == (suite.tuning.trials + suite.seeds) * pairs
    assert found["trials"] == sum(w["trials"] for w in found["workloads"])
    assert found["seconds"] > 0
    assert "optimizer.lr" in next(c for c in found["candidates"] if c["name"] == "adam")["searched"]
    _, out, _ = call("show", "quick", "--quick")
    assert "1,134 at most" in out
    assert "digits-lstm" in out


def test_a_suites_file_and_a_class_in_a_file_are_shown(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shown_here.py").write_text(
        "from dataclasses import dataclass\nfrom optbench import Optimizer, hyper\n"
        "@dataclass(frozen=True)\nclass Mine(Optimizer):\n    '''Goes down.'''\n    name = 'mine'\n"
        "    lr: float = hyper(0.1, low=1e-3, high=1, scale='log')\n"
        "    def step(self, params, grads, state, context):\n        params -= self.lr * context.factor * grads\n",
        encoding="utf-8",
    )
    _, out, _ = call("show", "./shown_here.py:Mine", "--quick")
    assert "Goes down." in out
    assert "0.001 to 1, log" in out
    (tmp_path / "s.toml").write_text(
        'title = "Small"\n[[workloads]]\nname = "w"\nfunction = "quadratic"\nsteps = 10\n'
        '[[candidates]]\nname = "sgd"\noptimizer = "sgd"\n',
        encoding="utf-8",
    )
    (found,) = shown(call, "./s.toml")
    assert (found["title"], found["workloads"][0]["steps"]) == ("Small", 10)
    (found,) = shown(call, "w", "--suite", "./s.toml")
    assert (found["kind"], found["problem"]["name"], found["network"]) == ("workload", "quadratic", None)


def test_a_name_of_several_kinds_is_told_and_one_can_be_chosen(call):
    assert {"schedule", "network"} <= set(meanings(registry(), "linear"))
    _, out, _ = call("show", "linear", "--quick")
    assert out.startswith("linear is the name of several kinds: schedule, network")
    (found,) = shown(call, "linear", "--kind", "network", "--quick")
    assert found["kind"] == "network"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["adamm"], "did you mean 'adam'"),
        (["adam", "--kind", "schedul"], "did you mean 'schedule'?"),
        (["adam", "--kind", "schedule"], "it is a name of another kind: optimizer"),
        (["digits-mpl", "--suite", "quick"], "did you mean 'digits-mlp'"),
    ],
)
def test_an_unknown_name_is_one_message(call, arguments, expected):
    status, _, err = call("show", *arguments)
    assert status == 2
    assert err.startswith("error: ")
    assert expected in err


def test_everything_that_is_registered_can_be_shown():
    """Quickly, and as JSON."""
    from optbench.cli.printing import plain
    from optbench.report.terminal.about import about_lines

    found = registry()
    entries = [(name, entry) for kind in PLURAL for name, entry in found.components[kind].items()]
    asked = [(name, entry.kind.removesuffix("s")) for name, entry in entries if entry.guest is None]
    asked += [(name, "suite") for name in found.suites]
    for name, kind in asked:
        (one,) = about(found, name, kind, measured=False)
        assert (one["name"], one["kind"]) == (name, kind)
        json.dumps(plain(one), allow_nan=False)
        assert next(iter(about_lines([one]))).startswith(f"{name}: {kind}")
    assert set(names(found)) >= {name for name, _ in asked}


def test_the_version_is_told_with_what_decides_results(call):
    status, out, _ = call("--version")
    assert status == 0
    assert out.startswith("optbench ")
    assert f"NumPy {version('numpy')}" in out
    assert platform.python_version() in out
    status, out, _ = call("--version", "--json")
    found = json.loads(out)
    assert set(found) == {"optbench", "python", "numpy", "contract", "blas", "plugins"}
    assert found["numpy"] == np.__version__
    assert all(one["library"] and one["threads"] >= 1 for one in found["blas"])
    status, _, err = call("--json")
    assert status == 2
    assert "--version" in err
