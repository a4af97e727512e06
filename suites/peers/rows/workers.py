"""Trials a second of two worker processes and of one, through the engine that runs use."""

import os
from concurrent.futures import wait

from optbench.running.engine import LocalEngine
from peers.rows.base import Family, Row
from peers.timing import Contender, stopwatch
from peers.trials import digits_trial

EPOCHS = 20
#: trials in a unit of work: half a second's worth, as a run's
UNIT = 32


class Workers(Contender):
    """Units of trials of the digits network, all different, until the last is done."""

    # enough units that it hardly matters who ends last
    granule = 8 * UNIT

    def __init__(self, count: int):
        self.engine = LocalEngine(count)
        self.engine.__enter__()
        self.seed = 0
        self.note = f"LocalEngine({count}) on {len(os.sched_getaffinity(0))} processors, units of {UNIT} trials"

    def run(self, steps: int) -> float:
        units = []
        for _ in range(steps // UNIT):
            units.append([digits_trial("adam", {}, self.seed + k, EPOCHS) for k in range(UNIT)])
            self.seed += UNIT

        def all_of_them() -> None:
            futures = [self.engine.submit(unit, None) for unit in units]
            wait(futures)
            for future in futures:
                wrong = [run.message for run in future.result() if run.outcome != "done"]
                if wrong:
                    raise RuntimeError(f"a trial failed: {wrong[0]}")

        return stopwatch(all_of_them)

    def close(self) -> None:
        self.engine.__exit__(None, None, None)


FAMILY = Family(
    rows=(Row("two workers, trials a second", "one worker", 1.9, over="one", under="two", at_least=True),),
    makers={"one": lambda: Workers(1), "two": lambda: Workers(2)},
    unit="trial",
    rounds=9,
    slot=4.0,
    warm_up=1.0,
    pinned=False,
)
