"""Plans: what the run then gives, and how often the least difference that was foretold is found."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from optbench.referee import plans
from optbench.referee.__main__ import main
from optbench.registry.registry import registry
from optbench.results.foretelling import foretold
from optbench.statistics import verdict
from optbench.suite import load
from support.suites import bowl, moons, searched, suite

LOSS = {"metric": "train_loss", "value": 0.35}
NAMES, WORKS, NOISE = ("sgd", "nesterov", "adam"), ("moons", "bowl"), (0.1, 0.2)


def runs(rng, seeds, effect=0.0, loss=0.0):
    """Final runs of three candidates: the last one slower by a logarithm, and worse by a difference."""
    rows = [
        {
            "workload": work, "candidate": name, "phase": "final", "study": 0, "number": s, "seed": s + 1,
            "key": f"{work}{name}{s}", "outcome": "done", "target_metric": "train_loss", "steps": 10**6,
            "gradients": 10**6, "epochs": 10.0, "seconds_per_step": 1.0, "metric": "accuracy", "variant_of": None,
            "steps_to_target": math.exp(4 + (name == "adam") * effect + noise * rng.normal() / math.sqrt(2)),
            "final_test_metric": 0.7 - (name == "adam") * loss + 0.1 * noise * rng.normal() / math.sqrt(2),
            "final_validation_metric": math.nan, "final_train_loss": math.nan,
        }
        for work, noise in zip(WORKS, NOISE, strict=True) for name in NAMES for s in range(seeds)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.slow
def test_what_is_foretold_is_found_in_four_cases_of_five(tmp_path):
    """Of simulated stores: the noise of one is taken, and in others the difference is just as large as foretold."""
    rng = np.random.default_rng(0)
    path = tmp_path / "tiny.toml"
    path.write_text(suite(moons(target=LOSS), bowl(target={**LOSS, "value": 0.01}), searched(*NAMES), seeds=8))
    planned = load(path, registry())
    untimed = pd.DataFrame(columns=["workload", "candidate", "seconds_per_step"])
    source = SimpleNamespace(suite=planned.model_dump(mode="json"), trials=runs(rng, 400), costs=untimed)
    plan = foretold(planned, registry(), 1, source, "simulated")
    last = plan.table.iloc[-1]
    assert (plan.comparisons, plan.seeds) == (3, 8)
    # the oracle: the formula's own noise
    assert plan.table["noise_time"].iloc[:2].tolist() == pytest.approx(NOISE, rel=0.1)
    samples, found = 100, np.zeros(2)
    tiny = {"time": 1e-9, "result": 1e-9}  # else a small difference may be equal
    for _ in range(samples):
        trials = runs(rng, 8, math.log1p(last["least_time"]), last["least_result"])
        said = verdict(trials, margins=tiny)
        for i, (question, word) in enumerate((("time", "slower"), ("result", "worse"))):
            # any one difference: neither pair of the slow one stands for the other
            found[i] += said.question(question).between("adam", "sgd").word == word
    error = math.sqrt(0.8 * 0.2 / samples)
    # the largest t over comparisons finds a little more than alpha over their number, which the formula has
    assert ((0.8 - 3 * error <= found / samples) & (found / samples <= 0.9)).all(), found / samples


def test_a_suite_is_planned_and_run(tmp_path, capsys):
    path = tmp_path / "tiny.toml"
    path.write_text(suite(moons(target=LOSS, epochs=2), bowl(), searched("sgd", "nesterov"), seeds=6))
    assert main(["--plans", str(path), "--out", str(tmp_path / "out")]) == 0
    (row,) = pd.read_csv(tmp_path / "out" / "plans.csv").to_dict("records")
    assert row["trials"] == 2 * 2 * (2 + 6)
    assert row["processor"] > 0
    assert row["clock"] > 0
    assert np.isnan(row["least_result"])  # there is no noise to foretell it from
    assert row["told_result"] > 0
    assert plans.table(pd.DataFrame([row])).count("\n") == 3
    assert "| tiny | 32 |" in capsys.readouterr().out
    assert main(["--plans", str(tmp_path / "gone.toml"), "--out", str(tmp_path)]) == 2
    assert "gone.toml" in capsys.readouterr().err
