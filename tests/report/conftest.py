"""Results that no run made: plausible frames of any size, so that reports are tested without training."""

import json
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from optbench.statistics.level import FIXED, Level

CANDIDATES = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
WORKLOADS = (
    "digits-mlp",
    "digits-cnn",
    "mnist-mlp",
    "breast-cancer-logistic",
    "diabetes-regression",
    "moons-mlp",
)


@dataclass
class Fake:
    """What the report asks of `optbench.results.results.Results`."""

    trials: pd.DataFrame
    curves: pd.DataFrame
    costs: pd.DataFrame = field(default_factory=pd.DataFrame)
    suite: dict = field(default_factory=dict)
    environment: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)
    title: str = "Quick"
    board: pd.DataFrame = field(default_factory=pd.DataFrame)
    claims_frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    level: Level = FIXED

    def leaderboard(self):
        return self.board

    def workload_table(self):
        from optbench.statistics import workload_table

        return workload_table(self.trials)

    def claims(self):
        return self.claims_frame

    def arrays(self, key):
        return {}


def frames(candidates, workloads, seeds, tune, points, rng):
    trials, curves = [], []
    for w, workload in enumerate(workloads):
        regression = "regression" in workload
        target = ("validation_loss", 0.35) if regression else ("validation_accuracy", 0.95)
        for c, candidate in enumerate(candidates):
            speed = 1.6 ** (c % 7) * (1 + 0.5 * np.sin(w + c))
            for phase, count in (("tune", tune), ("final", seeds)):
                for number in range(count):
                    seed = 100 + number if phase == "final" else 7
                    rate = float(10 ** rng.uniform(-3, 0.5)) if phase == "tune" else 0.1
                    key = f"{workload}/{candidate}/{phase}/{number}"
                    diverged = (phase == "tune" and rate > 1.5) or (
                        phase == "final" and c == 0 and number == 1
                    )
                    steps = np.linspace(0, 1000, points).round()
                    progress = 1 - np.exp(-steps / (400 / speed * np.exp(0.2 * rng.normal())))
                    fit = 1 - 0.3 * abs(np.log10(rate) + 1) if phase == "tune" else 1
                    loss = 2.3 * (1 - 0.97 * progress * fit) + 0.02 * rng.random(points)
                    metric = np.clip(0.1 + 0.88 * progress * fit + 0.01 * rng.normal(size=points), 0, 1)
                    end = points // 3 if diverged else points
                    shown = loss if regression else metric
                    met = shown[:end] <= target[1] if regression else shown[:end] >= target[1]
                    reached = float(steps[:end][met][0]) if met.any() else np.inf
                    for i in range(end):
                        curves.append(
                            (workload, candidate, phase, 0, number, seed, key, steps[i], steps[i] / 25, steps[i],
                             steps[i] * 1e-4, rate, loss[i] * 0.9, metric[i], loss[i], metric[i], loss[i])
                        )  # fmt: skip
                    trials.append(
                        {
                            "workload": workload, "candidate": candidate, "phase": phase, "study": 0,
                            "number": number, "seed": seed, "key": key,
                            "outcome": "diverged" if diverged else "done",
                            "optimizer": candidate.split("-")[0], "schedule": ("constant", "cosine")[c % 2],
                            "initializer": "he", "normalizer": "none", "regularizer": "none",
                            "hyperparameters": json.dumps({"optimizer.lr": rate, "optimizer.beta": 0.9}),
                            "selected": phase == "tune" and number == 2,
                            "steps": steps[end - 1], "epochs": steps[end - 1] / 25, "gradients": steps[end - 1],
                            "seconds": steps[end - 1] * 1e-4, "target_metric": target[0], "target_value": target[1],
                            "steps_to_target": reached, "gradients_to_target": reached,
                            "epochs_to_target": reached / 25,
                            "seconds_to_target": reached * 1e-4, "seconds_per_step": 1e-4,
                            "final_train_loss": np.nan if diverged else loss[-1] * 0.9,
                            "final_validation_loss": np.nan if diverged else loss[-1],
                            "final_validation_metric": np.nan if diverged else metric[-1],
                            "final_test_metric": np.nan if diverged else metric[-1] - 0.01,
                            "generalization_gap": np.nan if diverged else 0.02 + 0.01 * rng.normal(),
                            "metric": "r2" if regression else "accuracy",
                            "message": "loss became nan" if diverged else "", "traceback": "",
                        }
                    )  # fmt: skip
    columns = ["workload", "candidate", "phase", "study", "number", "seed", "key", "step", "epoch", "gradients",
               "seconds", "rate", "train_loss", "train_metric", "validation_loss", "validation_metric",
               "gradient_norm"]  # fmt: skip
    return pd.DataFrame(trials), pd.DataFrame(curves, columns=columns)


def board(candidates, workloads):
    score = np.linspace(0.85, 0.2, len(candidates))
    return pd.DataFrame(
        {
            "score": score, "score_low": score - 0.08, "score_high": score + 0.06,
            "solved": np.linspace(1, 0.4, len(candidates)),
            "ratio_to_baseline": np.linspace(0.4, 2.5, len(candidates)),
            "ratio_low": np.linspace(0.3, 2.1, len(candidates)),
            "ratio_high": np.linspace(0.5, 3.5, len(candidates)),
            "compared": len(workloads),
            "iqm": score + 0.1, "iqm_low": score + 0.07, "iqm_high": score + 0.12,
            "seconds_ratio": np.linspace(0.5, 3, len(candidates)),
            "failures": np.arange(len(candidates)), "trials": 5 * len(workloads),
        },
        index=pd.Index(list(candidates)[::-1], name="candidate"),
    )  # fmt: skip


CLAIMS = pd.DataFrame(
    {
        "topic": ["initialization", "initialization", "optimization"],
        "statement": [
            "He initialization trains a deep relu net that zero initialization leaves untrained",
            "Large random weights learn slower than He's",
            "Momentum needs fewer steps on an ill-conditioned quadratic",
        ],
        "workload": ["digits-mlp"] * 3,
        "better": ["he", "he", "momentum"],
        "worse": ["zeros", "large", "sgd"],
        "metric": ["final_validation_accuracy", "steps_to_target", "steps_to_target"],
        "verdict": ["supported", "undecided", "refuted"],
        "effect": [0.8, 120.0, -3.0],
        "low": [0.75, -30.0, -4.5],
        "high": [0.84, 300.0, -1.0],
        "seeds": [10, 10, 10],
        "source": ["He et al. 2015", "", "Polyak 1964"],
        "unit": ["accuracy", "steps", "steps"],
        "margin": [0.1, 50.0, 0.0],
        "expect": ["difference", "equivalence", "difference"],
        "reason": ["", "the interval holds both outcomes", ""],
    }
)


def make(candidates=CANDIDATES, workloads=WORKLOADS, seeds=5, tune=8, points=21, claims=CLAIMS):
    trials, curves = frames(candidates, workloads, seeds, tune, points, np.random.default_rng(0))
    suite = {
        "title": "Quick", "description": "Six optimizers on real data.", "seeds": seeds, "seed": 0,
        "baseline": candidates[0],
        "tuning": {"method": "quasirandom", "trials": tune},
        "workloads": [{"name": w, "dataset": {"name": "digits"}, "batch_size": 64} for w in workloads],
        "candidates": [{"name": c, "optimizer": {"name": c}} for c in candidates],
    }  # fmt: skip
    return Fake(
        trials,
        curves,
        suite=suite,
        environment={"python": "3.11.9", "versions": {"numpy": "2.4.6"}, "cpu": "a CPU", "commit": None},
        problems=["optbench-broken 0.1: ImportError: no module named 'x'"],
        board=board(candidates, workloads),
        claims_frame=claims,
    )


@pytest.fixture(scope="session")
def make_results():
    return make


@pytest.fixture(scope="session")
def results():
    return make()


@pytest.fixture(scope="module")
def judged(make_results):
    from optbench.statistics import leaderboard

    results = make_results(["sgd", "adam", "adamw"], ["digits-mlp", "moons-mlp"], seeds=6, tune=6, points=12)
    results.board = leaderboard(results.trials, "sgd", resamples=100)
    return results
