"""Each first-order optimizer's path against its paper's formula, written out once more, slowly and unfolded."""

import numpy as np
import pytest

from optbench.builtin import optimizers


def sgd(w, lr):
    while True:
        g, f = yield w
        w = w - lr * f * g


def momentum(w, lr, beta, bias_correction=False):
    v, t = 0 * w, 0
    while True:
        g, f = yield w
        t += 1
        v = beta * v + (1 - beta) * g
        w = w - lr * f * (v / (1 - beta**t) if bias_correction else v)


def heavy_ball(w, lr, beta):
    v = 0 * w
    while True:
        g, f = yield w
        v = beta * v + g
        w = w - lr * f * v


def nesterov(w, lr, beta):
    v = 0 * w
    while True:
        g, f = yield w
        v = beta * v + g
        w = w - lr * f * (g + beta * v)


def adagrad(w, lr, eps, initial=0.0):
    s = 0 * w + initial
    while True:
        g, f = yield w
        s = s + g**2
        w = w - lr * f * g / (np.sqrt(s) + eps)


def adadelta(w, lr, rho, eps):
    s, u = 0 * w, 0 * w
    while True:
        g, f = yield w
        s = rho * s + (1 - rho) * g**2
        d = np.sqrt(u + eps) / np.sqrt(s + eps) * g
        u = rho * u + (1 - rho) * d**2
        w = w - lr * f * d


def rmsprop(w, lr, beta, eps, centered=False):
    s, m = 0 * w, 0 * w
    while True:
        g, f = yield w
        s = beta * s + (1 - beta) * g**2
        m = beta * m + (1 - beta) * g * centered
        w = w - lr * f * g / (np.sqrt(s - m**2) + eps)


def rmsprop_inside(w, lr, beta, eps, centered=False):
    s, m = 0 * w, 0 * w
    while True:
        g, f = yield w
        s = beta * s + (1 - beta) * g**2
        m = beta * m + (1 - beta) * g * centered
        w = w - lr * f * g / np.sqrt(s - m**2 + eps)


def adam(w, lr, beta1, beta2, eps, bias_correction=True, decay=0.0, largest=False):
    m, v, u, t = 0 * w, 0 * w, 0 * w, 0
    while True:
        g, f = yield w
        t += 1
        w = w - lr * f * decay * w
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        u = np.maximum(u, v) if largest else v
        m_hat, u_hat = (m / (1 - beta1**t), u / (1 - beta2**t)) if bias_correction else (m, u)
        w = w - lr * f * m_hat / (np.sqrt(u_hat) + eps)


def amsgrad(w, **settings):
    return adam(w, **settings, largest=True)


def adamax(w, lr, beta1, beta2, eps):
    m, u, t = 0 * w, 0 * w, 0
    while True:
        g, f = yield w
        t += 1
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, abs(g) + eps)
        w = w - lr * f / (1 - beta1**t) * m / u


def signum(w, lr, beta, decay=0.0):
    m = 0 * w
    while True:
        g, f = yield w
        m = beta * m + (1 - beta) * g
        w = w - lr * f * (np.sign(m) + decay * w)


def nadam(w, lr, beta1, beta2, eps, psi, decay=0.0):
    m, v, t, product = 0 * w, 0 * w, 0, 1.0
    while True:
        g, f = yield w
        t += 1
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (psi * i)) for i in (t, t + 1))
        product *= mu
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = mu_next * m / (1 - product * mu_next) + (1 - mu) * g / (1 - product)
        w = w - lr * f * (m_hat / (np.sqrt(v / (1 - beta2**t)) + eps) + decay * w)


COARSE = {"lr": 0.02, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3}
CASES = [
    (optimizers.SGD, sgd, {"lr": 0.05}),
    (optimizers.ASGD, sgd, {"lr": 0.05}),
    (optimizers.Momentum, momentum, {"lr": 0.05, "beta": 0.9}),
    (optimizers.Momentum, momentum, {"lr": 0.05, "beta": 0.9, "bias_correction": True}),
    (optimizers.HeavyBall, heavy_ball, {"lr": 0.005, "beta": 0.9}),
    (optimizers.Nesterov, nesterov, {"lr": 0.005, "beta": 0.9}),
    (optimizers.AdaGrad, adagrad, {"lr": 0.1, "eps": 1e-10}),
    (optimizers.AdaGrad, adagrad, {"lr": 0.1, "eps": 0.1}),
    (optimizers.AdaGrad, adagrad, {"lr": 0.1, "eps": 0.1, "initial": 0.3}),
    (optimizers.Adadelta, adadelta, {"lr": 1.0, "rho": 0.9, "eps": 1e-6}),
    (optimizers.Adadelta, adadelta, {"lr": 3.0, "rho": 0.5, "eps": 1e-2}),
    (optimizers.RMSprop, rmsprop, {"lr": 0.01, "beta": 0.99, "eps": 1e-8}),
    (optimizers.RMSprop, rmsprop, {"lr": 0.02, "beta": 0.5, "eps": 0.1}),
    (optimizers.RMSprop, rmsprop, {"lr": 0.02, "beta": 0.5, "eps": 0.1, "centered": True}),
    (optimizers.RMSpropInside, rmsprop_inside, {"lr": 0.01, "beta": 0.9, "eps": 1e-8}),
    (optimizers.RMSpropInside, rmsprop_inside, {"lr": 0.02, "beta": 0.99, "eps": 0.1}),
    (optimizers.RMSpropInside, rmsprop_inside, {"lr": 0.02, "beta": 0.8, "eps": 0.01, "centered": True}),
    (optimizers.Adam, adam, {"lr": 0.02, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}),
    (optimizers.Adam, adam, COARSE),
    (optimizers.Adam, adam, COARSE | {"bias_correction": False}),
    (optimizers.AdamW, adam, COARSE | {"decay": 0.3}),
    (optimizers.AMSGrad, amsgrad, COARSE),
    (optimizers.AMSGrad, amsgrad, COARSE | {"bias_correction": False}),
    (optimizers.Adamax, adamax, COARSE),
    (optimizers.NAdam, nadam, COARSE | {"psi": 0.004}),
    (optimizers.NAdam, nadam, COARSE | {"psi": 0.1}),
    (optimizers.NAdamW, nadam, COARSE | {"psi": 0.1, "decay": 0.3}),
    (optimizers.Signum, signum, {"lr": 0.01, "beta": 0.0}),
    (optimizers.Signum, signum, {"lr": 0.01, "beta": 0.8, "decay": 0.3}),
]


def slow_path(problem, formula, settings, factor):
    steps = formula(problem.start, **settings)
    w, rows = next(steps), []
    for step in range(problem.steps):
        w = steps.send((problem.gradient(w, step), factor(step)))
        rows.append(w)
    return np.array(rows)


@pytest.mark.parametrize(
    ("optimizer", "formula", "settings"), CASES, ids=[f"{c[0].name}-{i}" for i, c in enumerate(CASES)]
)
def test_path_is_the_papers(path, problem, optimizer, formula, settings):
    def factor(step):
        return 1.0 - 0.5 * step / problem.steps

    ours, slow = path(optimizer(**settings), factor), slow_path(problem, formula, settings, factor)
    # 1e-12 of the size of the vector; the problem carries a rounding error on from step to step
    assert np.abs(ours - slow).max() <= 1e-12 * np.abs(slow).max()
    assert np.abs(slow[-1] - problem.start).max() > 0.05


def test_averaged_sgd_evaluates_the_mean_of_its_iterates(path, problem):
    iterates = slow_path(problem, sgd, {"lr": 0.05}, lambda step: 1.0)
    for start, first in ((0.0, 0), (0.5, 150)):
        evaluated = path(optimizers.ASGD(lr=0.05, start=start), evaluated=True)
        np.testing.assert_allclose(evaluated[:first], iterates[:first], rtol=1e-12)
        for step in (first, first + 1, 299):
            mean = iterates[first : step + 1].mean(axis=0)
            np.testing.assert_allclose(evaluated[step], mean, rtol=1e-11)
