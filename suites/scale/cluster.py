"""A cluster that only waits: `python suites/scale/cluster.py --workers 1000 --seconds 1 --trials 20000`.

As many imaginary workers as asked for hold each trial for its seconds and give back the run of a real one. What is
measured is all that the run itself must do for them: planning, handing out, storing, selecting. The last line says
how much of the workers' time it could use. Dask's own scheduler is not part of it (about a millisecond a unit).
"""

import argparse
import heapq
import tempfile
import threading
import time
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Self

import optbench
from optbench.running import worker
from optbench.running.progress import Watcher
from optbench.trials.trial import Run, Trial
from scale.soak import suite

Due = tuple[float, int, "Future[list[Run]]", list[Run]]


class Imaginary:
    """An engine of workers that hold each unit for its time."""

    def __init__(self, workers: int, seconds: float):
        self.workers, self.seconds = workers, seconds
        self.free = [0.0] * workers
        self.due: list[Due] = []
        self.changed = threading.Condition()
        self.run: Run | None = None
        self.units = 0

    def expect(self, providers: Collection[str]) -> None:
        pass

    def submit(self, trials: Sequence[Trial], timeout: float | None) -> "Future[list[Run]]":
        if self.run is None:
            self.run = worker.run(trials[:1], timeout)[0]
        future: Future[list[Run]] = Future()
        with self.changed:
            start = max(time.monotonic(), heapq.heappop(self.free))
            end = start + self.seconds * len(trials)
            heapq.heappush(self.free, end)
            self.units += 1
            heapq.heappush(self.due, (end, self.units, future, [self.run] * len(trials)))
            self.changed.notify()
        return future

    def _end_units(self) -> None:
        while not self.leaving:
            with self.changed:
                now = time.monotonic()
                ready = []
                while self.due and self.due[0][0] <= now:
                    ready.append(heapq.heappop(self.due))
                if not ready:
                    self.changed.wait(min(self.due[0][0] - now, 0.1) if self.due else 0.1)
            for _, _, future, runs in ready:
                future.set_result(runs)

    def __enter__(self) -> Self:
        self.leaving = False
        self.thread = threading.Thread(target=self._end_units)
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.leaving = True
        self.thread.join()


class Stopwatch(Watcher):
    """Times the training part of a run."""

    def __enter__(self) -> Self:
        self.begun, self.used = time.monotonic(), time.process_time()
        return super().__enter__()

    def __exit__(self, *exception: object) -> None:
        self.took, self.used = time.monotonic() - self.begun, time.process_time() - self.used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=1.0, help="of a trial")
    parser.add_argument("--trials", type=int, default=20_000)
    options = parser.parse_args()
    engine, watcher = Imaginary(options.workers, options.seconds), Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        optbench.run(suite(options.trials), engine, Path(folder), report=False, watcher=watcher)
    done, took = watcher.done, watcher.took
    cluster = f"{done} trials of {options.seconds:g} s on {options.workers} workers"
    print(f"{cluster}: {took:.1f} s, {done / took:.0f} trials/s, {done / engine.units:.1f} trials a unit")
    print(f"processor time of the run: {1e3 * watcher.used / done:.2f} ms a trial")
    print(f"workers busy: {100 * done * options.seconds / options.workers / took:.0f} %")


if __name__ == "__main__":
    main()
