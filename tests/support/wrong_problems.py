"""Functions and problems that are wrong in one way each: (check, component, what the check says)."""

import math

import numpy as np

from optbench.contract.function import Function
from optbench.contract.layout import Layout
from optbench.contract.problem import Problem
from support.wrong_layers import made

#: calls so far, and arrays: what a component must not remember
SEEN = {"count": 0}


def function(value_and_gradient, **members):
    return made(Function, value_and_gradient=value_and_gradient, start=(1.0, 0.5), **members)


def problem(loss_and_gradient, **members):
    first = {"initial": lambda self, rng: np.array([1.0, 0.5])}
    return made(Problem, loss_and_gradient=loss_and_gradient, **{**first, **members})


def bowl(self, w, step, rng, state=None):
    return float(w @ w), 2 * w


def own_array(self, w, step, rng):
    SEEN["array"] = SEEN.get("array", np.zeros(2))
    SEEN["array"][...] = 2 * w if not SEEN.get("used") else SEEN["array"]
    SEEN["used"] = True
    return float(w @ w), SEEN["array"]


def noisy_gradient(self, w, step, rng, state):
    return float(w @ w), 2 * w + rng.normal(size=2)


def another_loss(self, w, state):
    return float(w @ w + w.sum()), math.nan, math.nan, math.nan


def moving(self, w, step, rng, state):
    w += 1
    return float(w @ w), 2 * w


def forgetful(self, w, state):
    state["count"] += 1
    return float(w @ w), math.nan, math.nan, math.nan


def counting(self, w, step, rng, state):
    SEEN["count"] += 1
    return float(w @ w) * SEEN["count"], 2 * w * SEEN["count"]


def global_noise(self, w, step, rng, state):
    noise = np.random.normal(size=2)  # noqa: NPY002
    return float(w @ (w + noise)), 2 * w + noise


WRONG = [
    ("start_minima_and_window_fit", function(bowl, minima=((1.0, 0.0),)), "correct minima or minimum"),
    ("start_minima_and_window_fit", function(bowl, window=((0.0, 0.9), (0.0, 1.0))), "axis 0 leaves 1 out: widen it"),
    ("problem_starts", problem(bowl, metric="return"), r"metric = 'return': give one of accuracy.*'return:higher'"),
    ("problem_starts", problem(bowl, layout=lambda self: Layout.of({"w": (3,)})), r"initial must give \(3,\) real"),
    ("problem_starts", problem(bowl, layout=lambda self: {"w": (3,)}), r"layout must give an optbench.Layout"),
    ("problem_starts", problem(bowl, initial=lambda self, rng: None), "give layout or initial"),
    ("problem_starts", problem(lambda *given: 1.0), r"must give a pair \(loss, gradient\), got float"),
    ("problem_starts", problem(lambda self, w, step, rng, state: (1.0, 2 * w[:1])), r"float64 of shape \(1,\)"),
    ("problem_starts", problem(lambda self, w, step, rng, state: (w * w, 2 * w)), "must give a number as loss"),
    ("problem_starts", problem(lambda self, w, step, rng, state: (1.0, w * math.inf)), "not finite at the start"),
    ("problem_gradient", function(lambda self, w, step, rng: (float(w @ w), w.copy())), "differs from central"),
    ("problem_gradient", problem(noisy_gradient), "draw from rng alike for both"),
    ("problem_gradient", problem(noisy_gradient, estimated="noise", evaluate=another_loss), "standard errors off"),
    ("problem_reads_only", function(lambda self, w, step, rng: (np.array(w @ w), 2 * w)), "return float"),
    ("problem_reads_only", function(own_array), "return another one each time"),
    ("problem_reads_only", problem(moving), "it is only to be read"),
    ("problem_reads_only", problem(bowl, begin=lambda *given: {"count": 0}, evaluate=forgetful), "changed the state"),
    ("problem_step_is_one_function", problem(counting), "remember in `state` only"),
    ("problem_step_is_one_function", problem(global_noise), "draw from the rng that is passed"),
    ("problem_saves_and_loads", problem(counting), "must be in the state that begin gives"),
    ("problem_saves_and_loads", problem(bowl, begin=lambda self, rng: {"rng": rng}), "holds a Generator"),
    ("problem_evaluates", problem(bowl, metric="score"), "say which metric it is"),
    ("problem_evaluates", problem(bowl, evaluate=lambda self, *given: 1.0), r"evaluate must give \(training loss, "),
    (
        "problem_evaluates",
        problem(bowl, test=lambda self, *given: (float(np.random.random()), math.nan)),  # noqa: NPY002
        "draw no chance",
    ),
    (
        "problem_stays_float32",
        problem(lambda self, w, step, rng, state: (float(w @ w), 2 * w * np.ones(2))),
        "is float64: make its constants",
    ),
    (
        "problem_survives_far_away",
        function(lambda self, w, step, rng: (math.exp(w[0]), 2 * w)),
        "raises OverflowError .* use NumPy's functions",
    ),
]
