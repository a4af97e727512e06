"""Each kind at its usual work, once: what it gives, as arrays that can be compared bit by bit."""

from collections.abc import Sequence
from typing import Any
from unittest import SkipTest

import numpy as np

from optbench.contract.architecture import Architecture
from optbench.contract.components import (
    BatchTransform,
    Constraint,
    Initializer,
    InputNormalizer,
    LayerFactory,
    Optimizer,
    Penalty,
    Schedule,
    Stopping,
)
from optbench.contract.context import Measurement, Progress
from optbench.contract.dataset import Data, Dataset
from optbench.contract.errors import OptbenchError
from optbench.contract.problem import Problem
from optbench.testing.base import CheckFailed
from optbench.testing.drive import MIXED, Drive, start

#: (shape, fan_in, fan_out): dense layers, and a 3x3 convolution
WEIGHTS = (((40, 30), 40, 30), ((6, 90), 6, 90), ((3, 3, 4, 8), 36, 72))


def exercise(component: Any, seed: int = 0) -> list[np.ndarray]:
    """What the component gives with this seed."""
    with np.errstate(all="ignore"):
        for base, use in USES:
            if isinstance(component, base):
                return [np.array(a) for a in use(component, seed)]
    raise CheckFailed(f"{component!r} is of no kind that optbench knows")


def optimizer(one: Any, seed: int) -> list[Any]:
    drive = Drive(one, seed=seed).go(8)
    return [drive.params, drive.evaluated]


def penalty(one: Any, seed: int) -> list[Any]:
    grads = np.zeros(MIXED.size)
    return [one.apply(start(MIXED), grads, MIXED), grads]


def constraint(one: Any, seed: int) -> list[Any]:
    params = 100 * start(MIXED)
    one.project(params, MIXED)
    return [params]


def layer(one: Any, seed: int) -> list[Any]:
    from optbench.testing.layers import Bench, benches

    def results(bench: Bench) -> list[Any]:
        bench.forward(True, True)
        bench.backward()
        found = [np.array(bench.wires.y), np.array(bench.wires.dx), np.array(bench.wires.flat_grads)]
        bench.forward(False, False)
        return [*found, np.array(bench.wires.y)]

    return [a for bench in benches(one, seed=seed) for a in results(bench)]


def batch(examples: int = 12, dtype: Any = np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Images (examples, 6, 5, 2) and one-hot classes (examples, 3)."""
    rng = np.random.default_rng(8)
    return rng.normal(size=(examples, 6, 5, 2)).astype(dtype), np.eye(3, dtype=dtype)[np.arange(examples) % 3]


def transform(one: Any, seed: int) -> list[Any]:
    return list(one.transform(*batch(), np.random.default_rng(seed)))


def history(losses: Sequence[float]) -> list[Measurement]:
    """Measurements with these validation losses."""
    return [
        Measurement(10 * k, float(k), 10 * k, 0.1 * k, 0.1, loss, 0.5, loss, 0.5, 1.0)
        for k, loss in enumerate(losses)
    ]


def stopping(one: Any, seed: int) -> list[Any]:
    measured = history([*np.geomspace(1, 0.1, 10), *np.linspace(0.1, 1, 30)])
    return [[one.stop(measured[:n]), one.keep(measured[:n])] for n in range(1, len(measured) + 1)]


def inputs(one: Any, seed: int) -> list[Any]:
    x, _ = batch(20)
    return [one.fit(x[:15].copy())(x.copy())]


def schedule(one: Any, seed: int) -> list[Any]:
    return [one.factor(Progress(step, 40, 8)) for step in range(40)]


def initializer(one: Any, seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [one.draw(*weights, rng) for weights in WEIGHTS]


_REFUSED: dict[Any, str] = {}


def examples(one: Any, seed: int = 0) -> Data:
    """A dataset's examples; `SkipTest` where it cannot be had here (no network, a package that is missing)."""
    if one in _REFUSED:
        raise SkipTest(_REFUSED[one])
    try:
        return one.load(np.random.default_rng(seed))
    except OptbenchError as error:
        _REFUSED[one] = str(error)
        raise SkipTest(str(error)) from error


def dataset(one: Any, seed: int) -> list[Any]:
    data = examples(one, seed)
    return [data.x, data.y]


def problem(one: Any, seed: int) -> list[Any]:
    from optbench.testing.problems import at_work, walk

    bench = at_work(one, seed)
    return [*walk(bench, range(4)), *bench.evaluate(0, bench.params[0]), *bench.test(0, bench.params[0])]


def architecture(one: Any, seed: int) -> list[Any]:
    from optbench.testing.networks import Stepped, networks

    return [Stepped(network, inputs, seed).go(range(3)) for network, inputs in networks(one)]


USES: list[tuple[type, Any]] = [
    (Optimizer, optimizer),
    (Penalty, penalty),
    (Constraint, constraint),
    (LayerFactory, layer),
    (BatchTransform, transform),
    (Stopping, stopping),
    (InputNormalizer, inputs),
    (Schedule, schedule),
    (Initializer, initializer),
    (Dataset, dataset),
    (Problem, problem),
    (Architecture, architecture),
]
