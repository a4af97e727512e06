"""The way down: an optimizer's path beside SGD's, and optimizers on a function or a problem."""

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from making.drawn import log, side_by_side
from optbench import OptbenchError, Optimizer, descend, get
from optbench.report import contour_paths

STEPS = 300
#: where all optimizers are shown: a curved valley
VALLEY = "rosenbrock"
#: tried for each; the one that ends lowest is shown
RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
#: who is shown on every function
WALKERS = ("sgd", "momentum", "adam")


def optimizer(made: Optimizer) -> tuple[Figure, str]:
    function = get(VALLEY)
    names = dict.fromkeys(["sgd", made.name])
    found = {name: best(made if name == made.name else get(name), function) for name in names}
    figure = contour_paths(function, dict(found.values()))
    beside = "" if made.name == "sgd" else ", beside SGD"
    own = "" if has_rate(made) else f" {made.name} is as it is by default, without a rate to choose."
    return figure, (
        f"{made.name} on Rosenbrock's valley for {STEPS} steps{beside}: of {len(RATES)} rates between {RATES[0]:g} "
        f"and {RATES[-1]:g} the one that ends lowest, all else at its default.{own} "
        "Two variables without noise: what a path looks like, not who trains networks better."
    )


def rated(made: Any, rate: float) -> Any:
    """The optimizer with this rate; a wrapper's inner one has it. As it is where it has none."""
    if "lr" in made.hyperparameters():
        return replace(made, lr=rate)
    inner = getattr(made, "inner", None)
    return made if inner is None else replace(made, inner=rated(inner, rate))


def has_rate(made: Any) -> bool:
    return bool(rated(made, RATES[0]) != rated(made, RATES[1]))


def best(made: Any, function: Any, steps: int = STEPS) -> tuple[str, np.ndarray]:
    """(name with its rate, path) of the rate that ends lowest."""
    tried = {}
    for rate in RATES if has_rate(made) else RATES[:1]:
        one = rated(made, rate)
        try:
            with np.errstate(all="ignore"):
                path = descend(one, np.asarray(function.start), function, steps=steps)
        except OptbenchError:  # a rate that it does not allow
            continue
        tried[f"{made.name}, rate {rate:g}" if has_rate(made) else made.name] = path
    return min(tried.items(), key=lambda item: _end(item[1], function))


def _end(path: np.ndarray, function: Any) -> float:
    with np.errstate(all="ignore"):
        value = function.value(path[-1]) if np.isfinite(path[-1]).all() else np.inf
    return float(value) if np.isfinite(value) else np.inf


def function(made: Any) -> tuple[Figure, str]:
    if len(made.window) != 2:
        return problem(made)
    found = dict(best(get(name), made) for name in WALKERS)
    return contour_paths(made, found), (
        f"{STEPS} steps of SGD, momentum and Adam, each with the rate of {len(RATES)} that ends lowest. The contours "
        "are those of the value without noise."
    )


def problem(made: Any) -> tuple[Figure, str]:
    """The loss along the way, where there is no contour to draw."""
    curves = {}
    for name in WALKERS:
        tried = {}
        for rate in RATES:
            try:
                with np.errstate(all="ignore"):
                    tried[rate] = losses(get(name, lr=rate), made)
            except (OptbenchError, FloatingPointError):
                continue
        rate = min(tried, key=lambda r: np.nan_to_num(tried[r][-1], nan=np.inf))
        curves[f"{name}, rate {rate:g}"] = tried[rate]

    def draw(axis: Any) -> None:
        for label, values in curves.items():
            axis.plot(values, label=label)
        axis.set(xlabel="step", ylabel="loss")
        every = np.concatenate(list(curves.values()))
        if every.min() > 0:
            log(axis, "y", every[np.isfinite(every)])
        axis.legend()

    return side_by_side([draw]), (
        f"The loss of {made.name} over {STEPS} steps of SGD, momentum and Adam, each with the rate of {len(RATES)} "
        "that ends lowest."
    )


def losses(one: Optimizer, made: Any) -> np.ndarray:
    start = np.asarray(made.initial(np.random.default_rng(0)), dtype=float)
    path = descend(one, start, made, steps=STEPS)
    state = made.begin(np.random.default_rng(0)) if hasattr(made, "begin") else {}
    return np.array([made.evaluate(w, state)[0] for w in path])
