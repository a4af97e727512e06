"""A run: what a trial costs beside its training."""

import tempfile

import optbench
from optbench.registry.registry import registry
from optbench.suite import Suite

OPTIMIZERS = ["sgd", "momentum", "adam", "rmsprop"]


class TinyTrials:
    """400 trials of two steps on an analytic function, in this process, from the plan to the store."""

    version = "1"
    number = 1
    repeat = 3
    rounds = 1
    warmup_time = 0
    timeout = 120

    def setup(self) -> None:
        document = {
            "title": "tiny trials",
            "seeds": 5,
            "tuning": {"method": "random", "trials": 5, "studies": 10},
            "workloads": [{"name": "bowl", "function": "quadratic", "steps": 2, "evaluate_every": 2}],
            "candidates": [{"name": n, "optimizer": {"name": n, "search": ["lr"]}} for n in OPTIMIZERS],
        }
        self.suite = Suite.model_validate(document, context={"registry": registry()})
        self.folder = tempfile.TemporaryDirectory()

    def teardown(self) -> None:
        self.folder.cleanup()

    def time_run(self) -> None:
        optbench.run(self.suite, "serial", self.folder.name, report=False, fresh=True)
