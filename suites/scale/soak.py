"""A run of very many tiny trials: `python suites/scale/soak.py --trials 100000`.

Ten optimizers take two steps on ten analytic functions, in as many studies of five tuning trials and five fresh seeds
as give the number of trials asked for. A row a tenth of the run shows whether its rate stays constant and its memory
flat, the last lines what a trial costs beyond its training: processor time of the run and its workers, a trial, less
that of the same training alone. Processor time, since others may share the machine. Needs psutil.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

import optbench
from optbench.registry.registry import registry
from optbench.running.progress import Watcher
from optbench.suite import Suite
from optbench.trials.trial import Assignment, Run, Trial

OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamax", "nadam", "adamw")
FUNCTIONS = 10
TUNED, SEEDS = 5, 5
STEPS = 2
HEAD = f"{'trials':>8} {'seconds':>8} {'trials/s':>9} {'run MB':>8} {'workers MB':>11} {'store MB':>9}"


def suite(trials: int) -> Suite:
    """At least so many trials, no two alike."""
    studies = max(1, -(-trials // (FUNCTIONS * len(OPTIMIZERS) * (TUNED + SEEDS))))
    functions = [{"name": "quadratic", "condition": 10.0 * (i + 1), "random_start": True} for i in range(FUNCTIONS)]
    document = {
        "title": f"Soak: {trials} tiny trials",
        "seeds": SEEDS,
        "tuning": {"method": "random", "trials": TUNED, "studies": studies},
        "workloads": [
            {"name": f"bowl-{i}", "function": function, "steps": STEPS, "evaluate_every": STEPS}
            for i, function in enumerate(functions)
        ],
        "candidates": [{"name": name, "optimizer": {"name": name, "search": ["lr"]}} for name in OPTIMIZERS],
    }
    return Suite.model_validate(document, context={"registry": registry()})


class Tenths(Watcher):
    """Prints a row whenever a tenth of the run is done."""

    def __init__(self, store: Path) -> None:
        super().__init__()
        self.store = store
        self.process = psutil.Process()
        self.rows: list[tuple[int, float]] = []
        self.spent: dict[int, float] = {}
        self.cpu = self.process.cpu_times()
        self.measured = (0.0, 0.0)

    def __enter__(self) -> "Tenths":
        print(HEAD, flush=True)
        self.cpu = self.process.cpu_times()
        super().__enter__()
        return self

    def finished(self, trial: Trial, run: Run, purposes: Sequence[Assignment] = ()) -> None:
        super().finished(trial, run, purposes)
        if self.done * 10 // self.total > (self.done - 1) * 10 // self.total:
            self.row()

    def row(self) -> None:
        now = time.monotonic() - self.started
        done, before = self.rows[-1] if self.rows else (0, 0.0)
        self.rows.append((self.done, now))
        children = self.process.children(recursive=True)
        workers = sum(child.memory_info().rss for child in children)
        for child in children:
            used = child.cpu_times()
            self.spent[child.pid] = used.user + used.system
        size = sum(f.stat().st_size for f in self.store.parent.glob(self.store.name + "*"))
        rate = (self.done - done) / (now - before)
        run = self.process.memory_info().rss
        print(
            f"{self.done:8} {now:8.1f} {rate:9.0f} {run / 2**20:8.1f} {workers / 2**20:11.1f} {size / 2**20:9.1f}",
            flush=True,
        )

    def costs(self) -> tuple[float, float]:
        """Milliseconds of processor time a trial: of the run's own process, and of its workers."""
        used = self.process.cpu_times()
        own = used.user + used.system - self.cpu.user - self.cpu.system
        return 1e3 * own / self.done, 1e3 * sum(self.spent.values()) / self.done

    def __exit__(self, *exception: object) -> None:
        if self.done:
            self.measured = self.costs()


def training_alone(chosen: Suite, count: int = 300) -> float:
    """Milliseconds of processor time a trial, made ready and trained in this process, without a run around it."""
    from optbench.training.assembly import assemble
    from optbench.training.trainer import collect
    from optbench.tuning import study

    trials = []
    for candidate in chosen.candidates:
        batch = next(study(chosen, chosen.workloads[0], candidate, 0, registry()))
        trials += [assignment.trial for assignment in batch.assignments]
    start = time.process_time()
    for number in range(count):
        collect(assemble([trials[number % len(trials)]], registry()))
    return 1e3 * (time.process_time() - start) / count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--engine", default="local:2")
    parser.add_argument("--out", type=Path, help="folder of the store; default a temporary one")
    parser.add_argument("--profile", type=Path, help="write a profile of the run's own process, for pstats")
    options = parser.parse_args()
    chosen = suite(options.trials)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.out or Path(temporary)
        watcher = Tenths(folder / "store.sqlite")
        call: Any = lambda: optbench.run(chosen, options.engine, folder, report=False, watcher=watcher)  # noqa: E731
        if options.profile:
            import cProfile

            cProfile.runctx("call()", {"call": call}, {}, str(options.profile))
        else:
            call()
    own, workers = watcher.measured
    alone = training_alone(chosen)
    print(f"processor time a trial: {own:.2f} ms of the run, {workers:.2f} ms of its workers, {alone:.2f} ms alone")
    if options.engine == "serial":
        workers = 0.0
    print(f"a trial adds {own + workers - alone:.2f} ms to its own training")
    return 0


if __name__ == "__main__":
    sys.exit(main())
