"""What a million trials on a thousand workers would take: `python suites/scale/million.py`.

Measures on this machine what each trial and each unit of work costs the one process that plans, unpickles and stores,
and what a task costs Dask's scheduler (where the extra `dask` is installed). Then plays the run with trials that do
nothing but last, in simulated time: workers that each have two units at hand, one scheduler, one writer, each with a
queue. Prints, by the seconds of a trial and the trials of a unit, how long the run takes, how busy the workers are and
what holds them up.
"""

import argparse
import heapq
import math
import pickle
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from optbench.contract.context import Measurement
from optbench.registry.registry import registry
from optbench.running.runner import LARGEST_UNIT, UNITS_AHEAD, unit_seconds
from optbench.store.store import Store
from optbench.suite import Suite
from optbench.trials.trial import Run
from optbench.tuning import study

#: measurements of a run, as of 20 epochs
MEASUREMENTS = 21

@dataclass(frozen=True)
class Costs:
    """Seconds, of the run's own process but for `scheduler`.

    plan       of a trial: settings, key, its rows
    unpickle   of a trial's result
    store      of a trial's row, without the commit
    commit     of a unit's transaction
    scheduler  of Dask's scheduler and client, a unit
    row        bytes of a trial in the store
    """

    plan: float
    unpickle: float
    store: float
    commit: float
    scheduler: float
    row: float

    def unit(self, trials: int) -> float:
        return trials * (self.plan + self.unpickle + self.store) + self.commit


def measured(trials: int = 4096, unit: int = 64) -> Costs:
    """All of them, each as the best of three rounds; processor time, but for the wait for the disk."""
    rounds = [_measured(trials, unit) for _ in range(3)]
    best = [min(values) for values in zip(*rounds, strict=True)]
    return Costs(*best[:4], scheduler=scheduler_cost(), row=best[4])


def _measured(count: int, unit: int) -> tuple[float, float, float, float, float]:
    clock = time.process_time  # somebody else may be at work here
    studies = count // 16
    document = {
        "title": "plan",
        "seeds": 8,
        "tuning": {"method": "random", "trials": 8, "studies": studies},
        "workloads": [
            {"name": "w", "dataset": "digits", "network": {"kind": "mlp", "hidden": [64, 32]}, "epochs": 20}
        ],
        "candidates": [{"name": "adam", "optimizer": {"name": "adam", "search": ["lr"]}}],
    }
    suite = Suite.model_validate(document, context={"registry": registry()})
    curve = tuple(Measurement(i, i / 17, i, *np.random.default_rng(i).random(7).tolist()) for i in range(MEASUREMENTS))
    run = Run("done", curve, MEASUREMENTS - 1, 0.1, 0.9, metrics={"weight_norm": 1.0})
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "store.sqlite", create=True) as store:
        start = clock()
        trials = []
        with store.together():
            for number in range(studies):
                generator = study(suite, suite.workloads[0], suite.candidates[0], number, registry())
                batch = next(generator)
                final = generator.send({a.trial.key: run for a in batch.assignments})
                for part in (batch, final):
                    store.assign(part.assignments)
                    trials += [a.trial for a in part.assignments]
        plan = (clock() - start) / len(trials)
        units = [trials[i : i + unit] for i in range(0, len(trials), unit)]
        messages = [pickle.dumps([run] * 1 + [pickle.loads(pickle.dumps(run)) for _ in part[1:]]) for part in units]
        start = clock()
        results = [pickle.loads(message) for message in messages]
        unpickle = (clock() - start) / len(trials)
        start = clock()
        with store.together():
            for part, runs in zip(units, results, strict=True):
                store.add_all(zip(part, runs, strict=True))
        row = (clock() - start) / len(trials)
        waits = []
        for number in range(100):
            begin = time.perf_counter()
            store.set("number", number)
            waits.append(time.perf_counter() - begin)
        commit = float(np.median(waits))
        size = sum(f.stat().st_size for f in Path(folder).glob("store.sqlite"))
    return plan, unpickle, row, commit, size / len(trials)


def scheduler_cost(tasks: int = 2000) -> float:
    """Seconds of Dask's scheduler and client for a task that does nothing; its own word is about 1 ms."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        return 1e-3
    with (
        LocalCluster(n_workers=1, threads_per_worker=4, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.gather(client.map(int, range(100), pure=False))
        start = time.process_time()
        client.gather(client.map(int, range(tasks), pure=False))
        return (time.process_time() - start) / tasks


def simulate(trials: int, workers: int, seconds: float, unit: int, costs: Costs, seed: int = 0) -> dict[str, float]:
    """Play a run. Seconds of a trial vary log-normally by 20 %.

    A unit passes the scheduler, waits at its worker, is computed, passes the scheduler again and is settled by the
    run's own process, which then hands out the next. Returns simulated seconds and the shares of time in which
    workers, scheduler and run were busy.
    """
    rng = np.random.default_rng(seed)
    units = math.ceil(trials / unit)
    lasting = iter(unit * seconds * rng.lognormal(0, 0.2 / math.sqrt(unit), units))
    free_at = np.zeros(workers)  # when each worker has done what it has
    scheduler = parent = busy = 0.0
    spent = costs.unit(unit)
    finished: list[tuple[float, int]] = []
    sent = 0

    def send(now: float, worker: int) -> None:
        nonlocal scheduler, busy, sent
        scheduler = max(scheduler, now) + costs.scheduler / 2
        taken = float(next(lasting))
        begin = max(scheduler, free_at[worker])
        free_at[worker] = begin + taken
        busy += taken
        sent += 1
        heapq.heappush(finished, (free_at[worker], worker))

    for number in range(min(units, workers * UNITS_AHEAD)):
        send(0.0, number % workers)
    while finished:
        when, worker = heapq.heappop(finished)
        scheduler = max(scheduler, when) + costs.scheduler / 2
        parent = max(parent, scheduler) + spent
        if sent < units:
            send(parent, worker)
    return {
        "seconds": parent,
        "workers": busy / (workers * parent),
        "scheduler": units * costs.scheduler / parent,
        "run": units * spent / parent,
    }


def hindrance(found: dict[str, float]) -> str:
    """What keeps the workers waiting."""
    if found["workers"] > 0.9:
        return "nothing"
    return max(("scheduler", "run"), key=lambda name: found[name])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=1_000)
    options = parser.parse_args()
    costs = measured()
    print("of the run's process, a trial: ", end="")
    print(", ".join(f"{name} {1e6 * getattr(costs, name):.0f} us" for name in ("plan", "unpickle", "store")))
    print(f"a unit: commit {1e6 * costs.commit:.0f} us, Dask's scheduler and client {1e6 * costs.scheduler:.0f} us")
    print(f"{costs.row:.0f} bytes a trial: {options.trials * costs.row / 2**30:.1f} GB\n")
    print(f"{'s a trial':>9} {'a unit':>7} {'hours':>7} {'trials/s':>9} {'workers busy':>13} {'held up by':>11}")
    for seconds in (0.01, 0.1, 1.0, 10.0, 60.0):
        now = max(1, min(LARGEST_UNIT, round(unit_seconds(options.workers) / seconds)))
        for unit in sorted({1, 16, now}):
            found = simulate(options.trials, options.workers, seconds, unit, costs)
            mark = "*" if unit == now else " "
            print(
                f"{seconds:9g} {unit:6}{mark} {found['seconds'] / 3600:7.2f} {options.trials / found['seconds']:9.0f} "
                f"{100 * found['workers']:12.0f}% {hindrance(found):>11}",
                flush=True,
            )
    print("* the unit that the runner makes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
