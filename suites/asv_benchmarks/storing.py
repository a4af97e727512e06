"""The store: writing runs as they finish, and reading them back."""

import tempfile
from pathlib import Path

import numpy as np

from optbench.contract.context import Measurement
from optbench.referee.synthetic import synthetic_store
from optbench.results.results import Results
from optbench.store.store import Store
from optbench.trials.trial import Run, Trial


def finished_trial(number: int) -> tuple[Trial, Run]:
    rng = np.random.default_rng(number)
    measurements = tuple(Measurement(step, step / 17, step, *rng.random(7).tolist()) for step in range(100))
    trial = Trial({"name": "w", "epochs": 6}, {"optimizer": {"name": "adam", "lr": 0.1}}, number, {})
    return trial, Run("done", measurements, 99, 0.1, 0.9)


class Insert:
    """100 runs of 100 measurements into a new store."""

    version = "1"
    number = 1
    timeout = 60

    def setup(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.pairs = [finished_trial(number) for number in range(100)]
        self.store = Store(Path(self.folder.name) / "store.sqlite", create=True)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def time_one_by_one(self) -> None:
        """A transaction each, as a run makes them."""
        for trial, run in self.pairs:
            self.store.add(trial, run)

    def time_together(self) -> None:
        self.store.add_all(self.pairs)


class Load:
    """A store of 6 candidates on 5 workloads, as `quick` leaves it."""

    version = "1"
    timeout = 60

    def setup_cache(self) -> str:
        synthetic_store(Path("store"))
        return str(Path("store").resolve())

    def time_trials(self, folder: str) -> None:
        _ = Results(folder).trials

    def time_curves(self, folder: str) -> None:
        _ = Results(folder).curves

    def time_leaderboard(self, folder: str) -> None:
        Results(folder).leaderboard()


class LargeLoad(Load):
    """10,000 trials: 20 candidates on 10 workloads."""

    def setup_cache(self) -> str:
        synthetic_store(Path("store"), candidates=20, workloads=10, seeds=10, trials=40)
        return str(Path("store").resolve())
