"""Whether an optimizer does its work: it descends where descent is known, alone, as a special case, in a stack."""

from functools import cache
from typing import Any

import numpy as np

from optbench.contract.components import Optimizer
from optbench.contract.layout import Layout
from optbench.registry.registry import registry
from optbench.testing.base import CheckFailed, expect, made, same, settings_of, with_setting
from optbench.testing.drive import MIXED, Drive, Problem, noisy, start
from optbench.testing.optimizers import has_field

__all__ = [
    "check_descends_on_matrix",
    "check_descends_on_mixed_shapes",
    "check_descends_on_quadratic",
    "check_descends_on_rosenbrock",
    "check_general_equals_its_special_cases",
    "check_trains_in_a_stack",
]

STEPS = 400
#: rates tried of the range that the optimizer declares
RATES = 6

QUADRATIC = Layout.of({"w": (2,)})
MATRIX = Layout.of({"w": (6, 4)})


def quadratic(step: int, w: np.ndarray) -> tuple[float, np.ndarray]:
    """(w1^2 + 10 w2^2) / 2: condition number 10."""
    scale = np.array([1.0, 10.0])
    return 0.5 * float(scale @ w**2), scale * w


def rosenbrock(step: int, w: np.ndarray) -> tuple[float, np.ndarray]:
    """(1 - x)^2 + 100 (y - x^2)^2 (Rosenbrock 1960)."""
    x, y = w
    valley = y - x * x
    return (1 - x) ** 2 + 100 * valley**2, np.array([-2 * (1 - x) - 400 * x * valley, 200 * valley])


@cache
def _factors() -> tuple[np.ndarray, np.ndarray, float]:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(8, 6)) / 3, rng.normal(size=(8, 4))
    least = a @ np.linalg.lstsq(a, b, rcond=None)[0] - b
    return a, b, 0.5 * float((least**2).sum())


def matrix(step: int, w: np.ndarray) -> tuple[float, np.ndarray]:
    """||A W - B||^2 / 2 for W (6, 4), less its least value: what methods for matrices are made for."""
    a, b, least = _factors()
    residual = a @ w.reshape(6, 4) - b
    return 0.5 * float((residual**2).sum()) - least, (a.T @ residual).ravel()


def mixed(step: int, w: np.ndarray) -> tuple[float, np.ndarray]:
    """sum log cosh(w - 1) over a convolution, a dense layer, biases, scales and shifts."""
    z = w - 1
    return float(np.sum(np.logaddexp(z, -z) - np.log(2))), np.tanh(z)


def check_descends_on_quadratic(component: Any) -> None:
    """At the default or some rate of its range it halves a quadratic of condition 10 in 400 steps."""
    _descends(component, "the quadratic (w1^2 + 10 w2^2) / 2", quadratic, QUADRATIC, np.array([1.0, 0.7]), 0.5)


def check_descends_on_rosenbrock(component: Any) -> None:
    """At the default or some rate of its range it finds Rosenbrock's valley in 400 steps."""
    _descends(component, "Rosenbrock's function", rosenbrock, QUADRATIC, np.array([-1.2, 1.0]), 0.35)


def check_descends_on_matrix(component: Any) -> None:
    """At the default or some rate of its range it halves a least-squares problem of a 6x4 matrix."""
    _descends(component, "least squares of a 6x4 matrix", matrix, MATRIX, np.zeros(24), 0.5)


def check_descends_on_mixed_shapes(component: Any) -> None:
    """The same with tensors of one, two and four axes, of all roles."""
    _descends(component, "tensors of mixed shapes", mixed, MIXED, start(MIXED), 0.5)


def _descends(
    component: Any, what: str, problem: Problem, layout: Layout, first: np.ndarray, share: float
) -> None:
    one = made(component)
    value = problem(0, first)[0]
    found: dict[str, float] = {}
    for words, candidate in _rates(one):
        drive = Drive(candidate, first.copy(), layout, problem, total=STEPS)
        for block in range(4):
            drive.go(STEPS // 4, first=block * STEPS // 4)
            with np.errstate(all="ignore"):
                found[words] = problem(0, drive.evaluated)[0]
            if found[words] < share * value:
                return
            if not np.isfinite(drive.params).all():
                break
    best = min(found, key=lambda words: np.nan_to_num(found[words], nan=np.inf))
    raise CheckFailed(
        f"does not descend on {what}: from {value:.3g} to {found[best]:.3g} at best (at {best}) in {STEPS} steps; is "
        "the sign right (params -= ...), and does lr's range hold a rate that works?"
    )


def _rates(one: Optimizer) -> list[tuple[str, Optimizer]]:
    """It at its default, then at rates of its declared range: `lr`, or the same of a component within."""
    candidates = [("its defaults", one)]
    found = [(path, spec) for path, spec, _ in settings_of(one) if path[-1] == "lr"]
    rates = [(path, spec) for path, spec in found if spec is not None and spec.low is not None]
    for path, spec in rates[:1]:
        space = np.geomspace if spec.scale == "log" else np.linspace
        values = [float(v) for v in space(spec.high, spec.low, RATES)]
        # From the middle of the range outwards: the ends are seldom right.
        for value in sorted(values, key=lambda v: abs(values.index(v) - (RATES - 1) / 2)):
            candidates.append((f"{'.'.join(path)} = {value:.3g}", with_setting(one, path, value)))
    return candidates


def check_general_equals_its_special_cases(component: Any) -> None:
    """Each of `special_cases` = ((NAME, settings), ...) gives the path of the optimizer NAME (Choi et al. 2019).

    NAME is a registered optimizer, or the field that holds one: (("inner", {"rho": 0.0}),). What both have is set
    alike; a third item gives NAME's settings where they differ.
    """
    one = made(component)
    for name, settings, *rest in one.special_cases:
        general = one
        for field, value in settings.items():
            general = with_setting(general, tuple(field.split(".")), value)
        if has_field(general, name):
            special = getattr(general, name)
        else:
            cls = registry().entry("optimizers", name).component
            both = set(cls.hyperparameters()) & set(general.hyperparameters()) - set(settings)
            shared = {field: getattr(general, field) for field in both}
            special = registry().create("optimizers", {"name": name, **shared, **(rest[0] if rest else {})})
        paths = [Drive(optimizer, problem=noisy(MIXED, 4)).go(20).evaluated for optimizer in (general, special)]
        gap = float(np.abs(paths[0] - paths[1]).max())
        expect(
            gap <= 1e-9 * float(np.abs(paths[1]).max()),
            f"with {settings} it should be {special.name}, but after 20 steps they are {gap:.2g} apart: correct the "
            "update, or special_cases",
        )


@cache
def _moons() -> Any:
    from optbench.training.preparation import prepare

    return prepare(registry().create("datasets", {"name": "two-moons", "samples": 80}), dtype=np.float32)


def check_trains_in_a_stack(component: Any) -> None:
    """Networks in a stack, one of which ends early, are trained with the bits of networks alone."""
    one = made(component)
    solo = [_trained(one, [seed])[0] for seed in (2, 3)]
    together = _trained(one, [1, 2, 3])
    for alone, row in zip(solo, together, strict=True):
        expect(np.isfinite(row).all(), "params of a small network became NaN or infinite at the defaults")
        expect(
            same(alone, row),
            "a network in a stack has other weights than alone: use the params that step gets (load makes views of "
            "them again), and keep everything else in the state",
        )


def _trained(optimizer: Optimizer, seeds: list[int]) -> list[np.ndarray]:
    """The parameters after 12 steps of an MLP on two moons; the first of several ends after 6."""
    from optbench.nn.activations import Tanh
    from optbench.nn.dense import Dense
    from optbench.nn.losses import LOSSES
    from optbench.nn.network import Network
    from optbench.training.network_problem import NetworkProblem
    from optbench.training.trainer import Budget, Recipe, Training

    data = _moons()
    network = Network([Dense(5), Tanh(), Dense(1)], data.shape, LOSSES[data.loss])
    initializer = registry().create("initializers", {"name": "glorot"})
    constant = registry().create("schedules", {"name": "constant"})
    problem = NetworkProblem(network, data, 16, seeds, [initializer] * len(seeds))
    training = Training(problem, [Recipe(optimizer, constant, seed) for seed in seeds], Budget(12, 6))
    with np.errstate(all="ignore"):
        for step in range(12):
            if step == 6 and len(seeds) > 1:
                training.rows[0].outcome = "stopped"
                training.compact()
            training.step()
    rows = [row for row in training.rows if row.outcome != "stopped"]
    for row in rows:
        expect(row.outcome is None, f"step raised in training a small network: {row.message}\n{row.traceback}")
    return [np.array(row.params) for row in rows]
