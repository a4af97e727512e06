"""Interleaved timing: all contenders take their turn in every round, so that a busy machine slows all of them alike."""

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, process_time

import numpy as np

#: In the environment: "processor" where contenders are timed by the processor time of their process.
CLOCK = "OPTBENCH_PEERS_CLOCK"
#: The clock of all contenders that work in this process.
clock = process_time if os.environ.get(CLOCK) == "processor" else perf_counter

#: Seconds a contender runs for in each round, about.
SLOT = 0.015
WARM_UP = 0.3


class Contender:
    """One way to do the work of a row."""

    #: `run` makes a multiple of so many steps
    granule = 1
    #: what a reader must know of how it was run
    note = ""

    def run(self, steps: int) -> float:
        """Make so many steps; the seconds they took, once their results are there."""
        raise NotImplementedError

    def parameters(self) -> np.ndarray:
        """The parameters, flat, in the order of our flat vectors."""
        raise NotImplementedError

    def close(self) -> None:
        """End what it started."""


def stopwatch(work: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


@dataclass(frozen=True)
class Ratio:
    """A ratio of two contenders' seconds.

    value       of their medians
    low, high   quartiles of the rounds' own ratios
    least       of their minima: what is left on a machine that others use too
    over, under the medians
    """

    value: float
    low: float
    high: float
    least: float
    over: float
    under: float

    @classmethod
    def of(cls, over: Sequence[float], under: Sequence[float]) -> "Ratio":
        a, b = np.asarray(over), np.asarray(under)
        low, high = np.quantile(a / b, [0.25, 0.75])
        middle_a, middle_b = float(np.median(a)), float(np.median(b))
        return cls(middle_a / middle_b, float(low), float(high), float(a.min() / b.min()), middle_a, middle_b)


def interleaved(
    contenders: Mapping[str, Contender], rounds: int, slot: float = SLOT, warm_up: float = WARM_UP
) -> dict[str, list[float]]:
    """Seconds a step of each contender in each round. Every other round goes through them backwards."""
    counts = {name: steps_in(c, slot, warm_up) for name, c in contenders.items()}
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            for name in list(contenders)[:: -1 if number % 2 else 1]:
                samples[name].append(contenders[name].run(counts[name]) / counts[name])
    finally:
        gc.enable()
    return samples


def steps_in(contender: Contender, slot: float, warm_up: float) -> int:
    """How many steps take about `slot` seconds; found while warming up, compilation and first calls included."""
    steps, spent = contender.granule, 0.0
    if warm_up > 0:
        contender.run(steps)
    while True:
        seconds = contender.run(steps)
        spent += seconds
        wanted = max(1, round(slot / seconds * steps / contender.granule)) * contender.granule
        if spent >= warm_up or wanted <= steps:
            return wanted
        steps = min(wanted, 4 * steps)
