"""The report of stores of made-up trials."""

import tempfile
from pathlib import Path

from optbench.referee.synthetic import synthetic_store
from optbench.report import write
from optbench.results.results import Results


class Report:
    """The page and its figures for 6 candidates on 5 workloads."""

    version = "1"
    timeout = 300
    number = 1
    repeat = 1
    rounds = 1
    warmup_time = 0

    def setup_cache(self) -> str:
        synthetic_store(Path("store"))
        return str(Path("store").resolve())

    def setup(self, folder: str) -> None:
        self.out = tempfile.TemporaryDirectory()

    def teardown(self, folder: str) -> None:
        self.out.cleanup()

    def time_report(self, folder: str) -> None:
        write(Results(folder), self.out.name)


class LargeReport(Report):
    """The same for 10,000 trials: 20 candidates on 10 workloads."""

    def setup_cache(self) -> str:
        synthetic_store(Path("store"), candidates=20, workloads=10, seeds=10, trials=40)
        return str(Path("store").resolve())
