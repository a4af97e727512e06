"""Estimators of speed, compared on exponential curves with known noise."""

import math

import numpy as np
import pandas as pd
import pytest

from optbench.referee.__main__ import main
from optbench.referee.estimators import OVERALL, compared, estimators, table

STEPS = np.arange(0, 201, 5)
PACES = {"a": 1.0, "b": 1.0, "c": 1.4}


class Made:
    """Curves 2 exp(-rate step), of rates with a noise of 0.1 by themselves and 0.3 shared by seed; the accuracy is
    seen on 50 examples."""

    def __init__(self, seeds=24):
        rng = np.random.default_rng(0)
        trials, curves = [], []
        for workload in "vw":
            shared = rng.normal(size=seeds)
            for name, pace in PACES.items():
                for s in range(seeds):
                    rate = pace / 50 * math.exp(0.3 * shared[s] + 0.1 / math.sqrt(2) * rng.normal())
                    loss = 2 * np.exp(-rate * STEPS)
                    accuracy = rng.binomial(50, 0.95 * (1 - loss / 2)) / 50
                    key = f"{workload}{name}{s}"
                    about = {"workload": workload, "candidate": name, "study": 0, "seed": s, "key": key}
                    about["phase"] = "final"
                    met = np.flatnonzero(accuracy >= 0.9)
                    trials.append({
                        **about, "outcome": "done", "target_metric": "validation_accuracy", "target_value": 0.9,
                        "steps": 200.0, "seconds_per_step": 1.0,
                        "steps_to_target": STEPS[met[0]] if len(met) else math.inf,
                    })  # fmt: skip
                    curves.append(pd.DataFrame({
                        **about, "step": STEPS, "gradients": STEPS, "epoch": STEPS / 10,
                        "train_loss": loss, "validation_metric": accuracy,
                    }))  # fmt: skip
        self.trials = pd.DataFrame(trials)
        self._curves = pd.concat(curves, ignore_index=True)

    def measurements(self, phase):
        return self._curves


def test_noise_is_what_was_put_in_and_calm_estimators_tell_more():
    frame = compared(estimators(Made()), seeds=12, families=20)
    assert frame["estimator"].nunique() == 7
    whole = frame[frame["workload"] == OVERALL].set_index("estimator")
    now, ladder = whole.index[0], "training loss, 8 targets even in log time from 0.3 on"
    assert whole.loc[ladder, "noise"] == pytest.approx(0.1, rel=0.3)  # whatever the level, a rate is a time
    assert whole.loc[now, "noise"] > 1.3 * whole.loc[ladder, "noise"]
    assert whole.loc[ladder, "signal"] > whole.loc[now, "signal"]
    assert whole.loc[ladder, "told"] >= 2  # a and b are level
    assert (frame["false"] <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 60)).all()
    assert (frame["families"] == 60).all()
    lines = table(frame).splitlines()
    assert len(lines) == 9
    assert lines[2].startswith(f"| {now} |")


def test_the_command_needs_results(tmp_path, capsys):
    assert main(["--estimators", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 2
    assert "there are no results here" in capsys.readouterr().err
