"""How long the rest of a run takes.

Workloads differ in cost by a factor of fifty, so trials a second tell little. What is left is weighed instead:

    left = (sum over workloads and candidates of work left x seconds per work) / workers

Work is the budget of a trial, in the workload's own steps or epochs. Its cost is what was measured for this candidate
on this workload; else for other candidates on it; else, of a workload that nobody has trained on yet, what a model of
the network predicts, times the factor by which the model was wrong on the n workloads that were seen, to the power of
n / (n + 1).
"""

import heapq
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from optbench.registry.registry import Registry
from optbench.suite import Suite, Workload
from optbench.trials.trial import Assignment, bare
from optbench.tuning import work

Place = tuple[str, str]

# The model of a step and of an evaluation, in calls of NumPy on small arrays and in multiplications. How long these
# take is measured when a run starts: that knows the machine, and how busy it is. Fitted by eye to the six workloads of
# `quick`, whose costs it gives within a factor of two.
CALLS, LAYER, EVALUATION = 120, 12, 240
#: calls of a recurrent layer at each of its times
TIME = 30
#: calls that one number of an activation, and one parameter, are worth
UNIT, PARAMETER = 1e-3, 2.5e-3
#: calls of a step of an analytic function; of another problem nothing is known before its first trial
FUNCTION = 120
#: parameters and how much less the calls cost where so small networks train in stacks (see `assembly.STACK_SIZES`)
STACKED = ((10_000, 12.0), (20_000, 6.0))
#: seconds after which no more data are loaded for the model's sake
PATIENCE = 2.0


@dataclass(frozen=True)
class Speed:
    """Seconds of a NumPy call on small arrays, and floating-point operations a second of a matrix product."""

    call: float = 0.4e-6
    flops: float = 8e10


def measured_speed() -> Speed:
    """Of this machine now, in some milliseconds, on one thread as the networks have it."""
    small = np.ones(64, dtype=np.float32)
    one, other = np.ones((64, 256), dtype=np.float32), np.ones((256, 256), dtype=np.float32)
    product = one @ other
    calls, products = [], []
    with threadpool_limits(1):
        for _ in range(9):
            start = time.perf_counter()
            for _ in range(200):
                np.multiply(small, small, out=small)
            calls.append((time.perf_counter() - start) / 200)
            start = time.perf_counter()
            for _ in range(5):
                np.matmul(one, other, out=product)
            products.append((time.perf_counter() - start) / 5)
    return Speed(float(np.median(calls)), 2 * 64 * 256 * 256 / float(np.median(products)))


class Estimate:
    """Learns from what has run how long the rest takes.

    work     units of work of a whole run by (workload, candidate)
    priors   seconds per unit of work by workload, roughly; those that are not known may be missing
    """

    def __init__(self, work: Mapping[Place, float], priors: Mapping[str, float]):
        self.left = dict(work)
        self.priors = dict(priors)
        self.seconds: dict[Place, float] = {}
        self.units: dict[Place, float] = {}
        self.free: list[float] = []
        #: of the first trials of each workload on each worker, which wait for imports and data: an upper bound
        self.first: tuple[dict[Place, float], dict[Place, float]] = ({}, {})
        self.returned: dict[str, int] = {}

    def finished(self, place: Place, workload: Mapping[str, Any]) -> None:
        """A trial with this workload is done, now or in an earlier run."""
        self.left[place] = max(0.0, self.left.get(place, 0.0) - budget(workload))

    def more(self, work: Mapping[Place, float]) -> None:
        """So much work is added to what is left."""
        for place, units in work.items():
            self.left[place] = self.left.get(place, 0.0) + units

    def settled(self, trials: Iterable[Assignment], submitted: float, workers: int, now: float) -> None:
        """These came back together. Workers take units of work in turn: this one began when one was free."""
        parts = [((a.workload, a.candidate), budget(a.trial.workload)) for a in trials]
        if not parts:
            return
        while len(self.free) < workers:
            heapq.heappush(self.free, submitted)
        begin = max(submitted, heapq.heappop(self.free))
        heapq.heappush(self.free, now)
        workload = parts[0][0][0]
        self.returned[workload] = self.returned.get(workload, 0) + 1
        kept = self.first if self.returned[workload] <= workers else (self.seconds, self.units)
        total = sum(units for _, units in parts)
        for place, units in parts:
            share = units / total if total else 1 / len(parts)
            kept[0][place] = kept[0].get(place, 0.0) + share * (now - begin)
            kept[1][place] = kept[1].get(place, 0.0) + units

    def seconds_left(self, workers: int) -> float | None:
        """None as long as nothing is known."""
        # a copy: the thread that writes run.json asks, too
        return self.seconds_for(dict(self.left), workers)

    def seconds_for(self, remaining: Mapping[Place, float], workers: int) -> float | None:
        """How long so much work takes; None as long as nothing is known."""
        spent, done = dict(self.seconds), dict(self.units)
        waited, begun = dict(self.first[0]), dict(self.first[1])
        if not any(done.values()):
            spent, done = waited, begun
        if not any(done.values()):
            return None
        by_workload: dict[str, tuple[float, float]] = {}
        for place, units in done.items():
            seconds, before = by_workload.get(place[0], (0.0, 0.0))
            by_workload[place[0]] = (seconds + spent[place], before + units)
        rates = {name: seconds / units for name, (seconds, units) in by_workload.items() if units}
        predicted = self._unseen(rates, by_workload)
        most: dict[str, float] = {}
        for place, units in begun.items():
            if units:
                most[place[0]] = min(most.get(place[0], math.inf), waited[place] / units)

        def unseen(workload: str) -> float:
            return min(predicted(workload), most.get(workload, math.inf))

        total = 0.0
        for place, units in remaining.items():
            if done.get(place):
                total += units * spent[place] / done[place]
            else:
                total += units * rates.get(place[0], unseen(place[0]))
        return total / max(workers, 1)

    def _unseen(self, rates: Mapping[str, float], seen: Mapping[str, tuple[float, float]]) -> Any:
        known = [name for name in rates if self.priors.get(name)]
        spent = sum(seen[name][0] for name in known)
        predicted = sum(self.priors[name] * seen[name][1] for name in known)
        mean = sum(rates.values()) / len(rates) if rates else 0.0
        scale = math.nan
        if predicted and spent > 0:
            # one workload alone may be what the model is wrong about: halfway between its factor and none
            scale = (spent / predicted) ** (len(known) / (len(known) + 1))

        def rate(workload: str) -> float:
            prior = self.priors.get(workload)
            return scale * prior if prior and not math.isnan(scale) else mean

        return rate


def estimate_for(suite: Suite, registry: Registry) -> Estimate:
    """The estimate of a run of this suite. Loads data, which the run needs anyway; never raises for their sake."""
    return Estimate(work(suite), priors(suite.workloads, registry))


def priors(
    workloads: Sequence[Workload], registry: Registry, speed: Speed | None = None
) -> dict[str, float]:
    """Seconds an epoch (or a step, where the budget is in steps) of each workload, within a factor of two or so.

    speed   of the machine; None: measured now
    """
    speed = speed or measured_speed()
    found: dict[str, float] = {}
    deadline = time.monotonic() + PATIENCE
    for workload in workloads:
        if time.monotonic() > deadline:
            break
        try:
            found[workload.name] = prior(workload.model_dump(mode="json"), registry, speed)
        except Exception:  # its trials tell why: an estimate is no place to fail
            continue
    return found


def prior(workload: Mapping[str, Any], registry: Registry, speed: Speed) -> float:
    from optbench.contract.components import InputNormalizer
    from optbench.contract.layer import unfolded
    from optbench.nn.recurrent import Recurrent
    from optbench.training.assembly import data_of, network_of

    if bare(workload):
        return FUNCTION * speed.call
    normalizers = [registry.create("normalizers", table) for table in workload.get("normalizers") or ()]
    data = data_of(workload, [n for n in normalizers if isinstance(n, InputNormalizer)], registry)
    network = network_of(workload, data, (), registry)
    examples = len(data.x_train)
    batch = examples if workload["batch_size"] == "full" else min(int(workload["batch_size"]), examples)
    per_epoch = max(1, examples // batch)
    operations, units = size(network)
    layers = sum(1 for _ in unfolded(network.layers))
    recurrent = zip(network.layers, network.shapes[:-1], strict=True)
    times = sum(shape[0] for layer, shape in recurrent if isinstance(layer, Recurrent))
    flat = all(len(shape) == 1 for shape in network.shapes)
    share = next((by for most, by in STACKED if network.layout.size <= most), 1.0) if flat else 1.0
    step = (CALLS + LAYER * layers + TIME * times) / share + 3 * UNIT * units * batch + PARAMETER * network.layout.size
    step = step * speed.call + 6 * operations * batch / speed.flops
    measured = min(examples, workload.get("evaluate_examples") or examples)
    measured += len(data.x_validation) / (workload.get("validate_every") or 1)
    evaluation = (EVALUATION / share + UNIT * units * measured) * speed.call + operations * measured / speed.flops
    every = workload.get("evaluate_every") or per_epoch
    return (step + evaluation / every) * (per_epoch if workload.get("epochs") else 1)


def size(network: Any) -> tuple[int, int]:
    """Multiplications of one example on its way forward, and the numbers that its layers give."""
    operations = units = 0
    for number, layer in enumerate(network.layers):
        shape, after = network.shapes[number : number + 2]
        rows, rows_after = network.chain.positions[number : number + 2]
        # Weights are used at every position; a convolution's at every pixel. Of a table a row is read.
        used = rows * math.prod(after[:-1])
        operations += used * sum(math.prod(p.shape) for p in layer.parameters(shape) if p.part != "embedding")
        units += rows_after * math.prod(after)
    return operations, units


def budget(workload: Mapping[str, Any]) -> float:
    """A trial's work, in its workload's own unit."""
    return float(workload.get("steps") or workload.get("epochs") or 1)
