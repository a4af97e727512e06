"""Where the processor time of a run goes: `python suites/peers/shares.py quick --workload digits-mlp`.

A suite is run in this process, without its report, and each part is on the clock of the processor less the parts within
it. Arguments are the suite's name, and options of `optbench run`. "Training steps" is the share that a run is for: its
batches, forward and backward passes and updates. Other programs change the times, and hardly the shares.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import optbench
from optbench import api
from optbench.running import worker
from optbench.training.network_problem import NetworkProblem
from optbench.training.trainer import Training

BATCHES, STEPS = "steps: batches", "steps: the rest"
PARTS = (
    (Training, "step", STEPS),
    (NetworkProblem, "next_batch", BATCHES),
    (NetworkProblem, "evaluate", "evaluations: losses and metrics"),
    (Training, "measure", "evaluations: the rest"),
    (Training, "finish", "closing: tests and further numbers"),
    (worker, "assemble", "networks and data made ready"),
    (api, "measure_costs", "timing the cost of a step"),
)


class Shares:
    """Seconds of processor time by part, each less those of the parts within."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self.within: list[float] = []

    def watch(self, place: Any, name: str, part: str) -> None:
        """From now on, calls of that function or method are on the clock."""
        function: Callable[..., Any] = getattr(place, name)

        def timed(*arguments: Any, **named: Any) -> Any:
            self.within.append(0.0)
            start = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                taken = time.process_time() - start
                self.seconds[part] += taken - self.within.pop()
                self.calls[part] += 1
                if self.within:
                    self.within[-1] += taken

        setattr(place, name, timed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", nargs="?", default="quick")
    parser.add_argument("--workload", action="append")
    parser.add_argument("--candidate", action="append")
    parser.add_argument("--trials", type=int)
    parser.add_argument("--seeds", type=int)
    chosen = parser.parse_args()
    shares = Shares()
    for part in PARTS:
        shares.watch(*part)
    with tempfile.TemporaryDirectory() as out:
        optbench.run(
            chosen.suite,
            "serial",
            out,
            workloads=chosen.workload,
            candidates=chosen.candidate,
            trials=chosen.trials,
            seeds=chosen.seeds,
            report=False,
        )
    whole = time.process_time()  # from the process's beginning
    parts = dict(shares.seconds)
    parts["all else: imports, planning, the store"] = whole - sum(parts.values())
    steps = parts.get(STEPS, 0) + parts.get(BATCHES, 0)
    print(f"| of {whole:.1f} s of processor time | share | s | calls |\n|---|---:|---:|---:|")
    print(f"| training steps | {steps / whole:.1%} | {steps:.2f} | |")
    for part, seconds in sorted(parts.items(), key=lambda item: -item[1]):
        print(f"| {part} | {seconds / whole:.1%} | {seconds:.2f} | {shares.calls[part]:,} |")


if __name__ == "__main__":
    main()
