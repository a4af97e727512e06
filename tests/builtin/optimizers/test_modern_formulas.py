"""The modern methods' paths against their papers' formulas, written out once more, slowly and unfolded.

A formula is a generator: it yields parameters (24,) and gets (gradient, factor, gradient elsewhere). Those that
treat each matrix by itself see the vector as `blocks`.
"""

from math import sqrt

import numpy as np
import pytest

from optbench.builtin import optimizers
from optbench.builtin.optimizers.muon import newton_schulz
from optbench.contract.context import Context
from optbench.contract.layout import Layout, Tensor

FIRST = {
    "sgd", "asgd", "momentum", "heavy-ball", "nesterov", "adagrad", "rmsprop", "rmsprop-inside", "adadelta", "adam",
    "adamw", "amsgrad", "adamax", "nadam", "nadamw", "signum",
}  # fmt: skip
#: in test_newer_formulas.py
NEWER = {"ademamix", "mars", "amos", "caspr", "kron", "d-adapt-sgd"}


def blocks(x):
    """Two weight matrices and a bias."""
    return x[:16].reshape(4, 4), x[16:22].reshape(2, 3), x[22:]


def joined(parts):
    return np.concatenate([p.reshape(-1) for p in parts])


def radam(w, lr, beta1, beta2, eps):
    m, v, t, longest = 0 * w, 0 * w, 0, 2 / (1 - beta2) - 1
    while True:
        g, f, _ = yield w
        t += 1
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        m_hat, n = m / (1 - beta1**t), longest - 2 * t * beta2**t / (1 - beta2**t)
        if n > 5:
            r = sqrt((n - 4) * (n - 2) * longest / ((longest - 4) * (longest - 2) * n))
            w = w - lr * f * m_hat * r * sqrt(1 - beta2**t) / (np.sqrt(v) + eps)
        else:
            w = w - lr * f * m_hat


def adabelief(w, lr, beta1, beta2, eps, bias_correction=True):
    m, s, t = 0 * w, 0 * w, 0
    while True:
        g, f, _ = yield w
        t += 1
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps
        m_hat, s_hat = (m / (1 - beta1**t), s / (1 - beta2**t)) if bias_correction else (m, s)
        w = w - lr * f * m_hat / (np.sqrt(s_hat) + eps)


def adan(w, lr, beta1, beta2, beta3, eps, decay):
    m, u, n, t, before = 0 * w, 0 * w, 0 * w, 0, None
    while True:
        g, f, _ = yield w
        t += 1
        d = 0 * g if t == 1 else g - before
        before = g
        m, u = beta1 * m + (1 - beta1) * g, beta2 * u + (1 - beta2) * d
        n = beta3 * n + (1 - beta3) * (g + beta2 * d) ** 2
        step = m / (1 - beta1**t) + beta2 * u / (1 - beta2**t)
        w = (w - lr * f * step / (np.sqrt(n / (1 - beta3**t)) + eps)) / (1 + lr * f * decay)


def lamb(w, lr, beta1, beta2, eps, decay, bias_correction=True):
    m, v, t = 0 * w, 0 * w, 0
    while True:
        g, f, _ = yield w
        t += 1
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = (m / (1 - beta1**t), v / (1 - beta2**t)) if bias_correction else (m, v)
        *matrices, bias = zip(blocks(w), blocks(m_hat / (np.sqrt(v_hat) + eps)), strict=True)
        new = []
        for one, r in matrices:
            r = r + decay * one
            new.append(one - lr * f * np.linalg.norm(one) / np.linalg.norm(r) * r)
        w = joined([*new, bias[0] - lr * f * bias[1]])


def lars(w, lr, beta, trust, decay):
    v = 0 * w
    while True:
        g, f, _ = yield w
        *matrices, bias = zip(blocks(w), blocks(g), strict=True)
        scaled = []
        for one, slope in matrices:
            size = np.linalg.norm(one)
            ratio = trust * size / (np.linalg.norm(slope) + decay * size)
            scaled.append(ratio * (slope + decay * one))
        v = beta * v + joined([*scaled, bias[1]])
        w = w - lr * f * v


def adafactor(w, lr, power, clip, floor, eps):
    t, rows, columns, squares = 0, [0, 0], [0, 0], 0
    while True:
        g, f, _ = yield w
        t += 1
        b, new = t**-power, []
        for k, (one, slope) in enumerate(zip(blocks(w), blocks(g), strict=True)):
            if k < 2:
                rows[k] = (1 - b) * rows[k] + b * (slope**2).mean(axis=1)
                columns[k] = (1 - b) * columns[k] + b * (slope**2).mean(axis=0)
                v = np.outer(rows[k], columns[k]) / max(rows[k].mean(), eps)
            else:
                v = squares = (1 - b) * squares + b * slope**2
            u = slope / np.sqrt(np.maximum(v, eps**2))
            u = u / max(1, sqrt((u**2).mean()) / clip)
            new.append(one - max(floor, sqrt((one**2).mean())) * min(lr, 1 / sqrt(t)) * f * u)
        w = joined(new)


def muon(w, lr, adamw_lr, beta, iterations, decay, beta1, beta2, eps):
    m, v, t = 0 * w, np.zeros(2), 0
    while True:
        g, f, _ = yield w
        t += 1
        new, ms = [], []
        for one, slope, old in zip(blocks(w)[:2], blocks(g), blocks(m), strict=False):
            ms.append(beta * old + (1 - beta) * slope)
            u, s, vt = np.linalg.svd(beta * ms[-1] + (1 - beta) * slope, full_matrices=False)
            s = s / sqrt((s**2).sum())
            for _ in range(iterations):  # the polynomial acts on the singular values alone
                s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
            scale = sqrt(max(1, one.shape[1] / one.shape[0]))
            new.append((1 - lr * f * decay) * one - lr * f * scale * (u * s) @ vt)
        one, slope = blocks(w)[2], blocks(g)[2]
        ms.append(beta1 * blocks(m)[2] + (1 - beta1) * slope)
        v = beta2 * v + (1 - beta2) * slope**2
        step = ms[-1] / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
        w, m = joined([*new, (1 - adamw_lr * f * decay) * one - adamw_lr * f * step]), joined(ms)


def root(matrix, power):
    u, s, vt = np.linalg.svd(matrix)
    return (u * s**power) @ vt


def shampoo(w, lr, beta, eps, every, largest=512, beta2=1.0, graft=False):
    lefts, rights = [np.zeros((4, 4)), np.zeros((2, 2))], [np.zeros((4, 4)), np.zeros((3, 3))]
    m, squares, t, new = 0 * w, 0 * w, 0, 1 if beta2 == 1 else 1 - beta2
    while True:
        g, f, _ = yield w
        *matrices, _ = blocks(g)
        for k, slope in enumerate(matrices):
            rights[k] = beta2 * rights[k] + new * slope.T @ slope
            lefts[k] = beta2 * lefts[k] + new * slope @ slope.T
        squares = beta2 * squares + new * g**2
        s = 1 if beta2 == 1 else 1 - beta2 ** (t + 1)
        if largest < 4:  # the larger matrix keeps diagonals
            lefts[0], rights[0] = np.diag(np.diag(lefts[0])), np.diag(np.diag(rights[0]))
        if t < every or t % every == 0:
            roots = [[root(a / s + eps * np.eye(len(a)), -1 / 4) for a in both] for both in (lefts, rights)]
        t += 1
        *alone, bias = blocks(g / np.sqrt(squares / s + eps))
        steps = [a @ slope @ b for a, slope, b in zip(roots[0], matrices, roots[1], strict=True)]
        if graft:
            steps = [d * np.linalg.norm(a) / np.linalg.norm(d) for d, a in zip(steps, alone, strict=True)]
        m = beta * m + (1 - beta) * joined([*steps, bias])
        w = w - lr * f * m


def soap(w, lr, beta1, beta2, eps, decay, every):
    g, f, _ = yield w
    left, right, p, q = [], [], [], []
    for slope in blocks(g)[:2]:
        left.append((1 - beta2) * slope @ slope.T)
        right.append((1 - beta2) * slope.T @ slope)
        p.append(np.linalg.eigh(left[-1])[1])
        q.append(np.linalg.eigh(right[-1])[1])
    p, q = [*p, np.eye(2)], [*q, np.eye(1)]
    m, v, t = [0 * b for b in blocks(w)], [0 * b for b in blocks(w)], 0
    while True:
        g, f, _ = yield w
        t += 1
        rate, new = lr * f * sqrt(1 - beta2**t) / (1 - beta1**t), []
        for k, (one, slope) in enumerate(zip(blocks(w), blocks(g), strict=True)):
            m[k] = beta1 * m[k] + (1 - beta1) * slope
            turn = lambda x, k=k: (p[k].T @ x.reshape(len(p[k]), -1) @ q[k]).reshape(x.shape)  # noqa: E731
            v[k] = beta2 * v[k] + (1 - beta2) * turn(slope) ** 2
            step = turn(m[k]) / (np.sqrt(v[k]) + eps)
            step = (p[k] @ step.reshape(len(p[k]), -1) @ q[k].T).reshape(step.shape)
            new.append((1 - lr * f * decay) * (one - rate * step))
        w = joined(new)
        for k, slope in enumerate(blocks(g)[:2]):
            left[k] = beta2 * left[k] + (1 - beta2) * slope @ slope.T
            right[k] = beta2 * right[k] + (1 - beta2) * slope.T @ slope
            if t % every == 0:
                order = np.argsort(-np.diag(p[k].T @ left[k] @ p[k]))
                p[k], v[k] = np.linalg.qr(left[k] @ p[k][:, order])[0], v[k][order]
                order = np.argsort(-np.diag(q[k].T @ right[k] @ q[k]))
                q[k], v[k] = np.linalg.qr(right[k] @ q[k][:, order])[0], v[k][:, order]


def sophia(w, lr, beta1, beta2, scale, eps, decay, every, distance):
    m, h, t, rng = 0 * w, 0 * w, 0, np.random.default_rng(0)
    while True:
        g, f, elsewhere = yield w
        m = beta1 * m + (1 - beta1) * g
        if t % every == 0:
            u = np.where(rng.integers(0, 2, w.size) == 1, 1.0, -1.0)
            product = (elsewhere(w + distance * u) - elsewhere(w - distance * u)) / (2 * distance)
            h = beta2 * h + (1 - beta2) * u * product
        t += 1
        w = w * (1 - lr * f * decay) - lr * f * np.clip(m / np.maximum(scale * h, eps), -1, 1)


def schedule_free(z, lr, beta, decay, direction):
    x = y = z
    largest = total = 0
    while True:
        g, f, _ = yield y
        z = z - lr * f * (direction(g) + decay * y)
        largest = max(largest, lr * f)
        total += largest**2
        c = largest**2 / total
        x = (1 - c) * x + c * z
        y = (1 - beta) * z + beta * x


def schedule_free_sgd(w, lr, beta, decay):
    return schedule_free(w, lr, beta, decay, lambda g: g)


def schedule_free_adamw(w, lr, beta1, beta2, eps, decay):
    v, t = 0 * w, 0

    def direction(g):
        nonlocal v, t
        t, v = t + 1, beta2 * v + (1 - beta2) * g**2
        return g / (np.sqrt(v / (1 - beta2**t)) + eps)

    return schedule_free(w, lr, beta1, decay, direction)


def prodigy(w, lr, beta1, beta2, eps, decay, start, growth):
    first, d, r, s, m, v = w, start, 0, 0 * w, 0 * w, 0 * w
    while True:
        g, f, _ = yield w
        before, beta3 = d, sqrt(beta2)
        r = beta3 * r + d / start * d * lr * f * (g @ (first - w))
        s = beta3 * s + d / start * d * lr * f * g
        m, v = beta1 * m + (1 - beta1) * d * g, beta2 * v + (1 - beta2) * d**2 * g**2
        d = max(d, growth * r / abs(s).sum())
        w = (1 - lr * f * before * decay) * w - lr * f * before * m / (np.sqrt(v) + d * eps)


def d_adapt_adam(w, lr, beta1, beta2, eps, start, bias_correction=True):
    d, r, s, m, v, b, t = start, 0, 0 * w, 0 * w, 0 * w, sqrt(beta2), 0
    while True:
        g, f, _ = yield w
        t += 1
        a = d * lr * f * (sqrt(1 - beta2**t) / (1 - beta1**t) if bias_correction else 1)
        r = b * r + (1 - b) * a * (g @ (s / (np.sqrt(v) + eps)))
        m, v = beta1 * m + (1 - beta1) * a * g, beta2 * v + (1 - beta2) * g**2
        s = b * s + (1 - b) * a * g
        d = max(d, r / ((1 - b) * abs(s).sum()))
        w = w - m / (np.sqrt(v) + eps)


COARSE = {"lr": 0.02, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3}
MUON = {"lr": 0.002, "adamw_lr": 0.002, "beta": 0.9, "beta1": 0.8, "beta2": 0.9, "eps": 1e-6}
SOPHIA = {"lr": 0.01, "beta1": 0.9, "beta2": 0.9, "scale": 0.05, "eps": 1e-12, "every": 7, "distance": 1e-3}
CASES = [
    (optimizers.RAdam, radam, COARSE),
    (optimizers.RAdam, radam, COARSE | {"beta2": 0.5}),  # never averages over five
    (optimizers.AdaBelief, adabelief, COARSE),
    (optimizers.AdaBelief, adabelief, COARSE | {"eps": 1e-16, "bias_correction": False}),
    (optimizers.Adan, adan, COARSE | {"beta3": 0.9, "decay": 0.1}),
    (optimizers.LAMB, lamb, COARSE | {"decay": 0.1}),
    (optimizers.LAMB, lamb, COARSE | {"decay": 0.0, "bias_correction": False}),
    (optimizers.LARS, lars, {"lr": 0.05, "beta": 0.8, "trust": 0.1, "decay": 0.1}),
    (optimizers.Adafactor, adafactor, {"lr": 0.05, "power": 0.8, "clip": 1.0, "floor": 1e-3, "eps": 1e-8}),
    (optimizers.Adafactor, adafactor, {"lr": 0.5, "power": 0.5, "clip": 0.5, "floor": 0.1, "eps": 0.1}),
    (optimizers.Muon, muon, MUON | {"iterations": 5, "decay": 0.0}),
    (optimizers.Muon, muon, MUON | {"iterations": 2, "decay": 0.5}),
    (optimizers.Shampoo, shampoo, {"lr": 0.1, "beta": 0.0, "eps": 0.01, "every": 1}),
    (optimizers.Shampoo, shampoo, {"lr": 0.1, "beta": 0.8, "eps": 1.0, "every": 7, "largest": 3}),
    (optimizers.Shampoo, shampoo, {"lr": 0.1, "beta": 0.8, "eps": 1e-3, "every": 3, "beta2": 0.9}),
    (
        optimizers.Shampoo,
        shampoo,
        {"lr": 0.02, "beta": 0.8, "eps": 1e-3, "every": 3, "beta2": 0.9, "graft": True},
    ),
    (optimizers.Shampoo, shampoo, {"lr": 0.1, "beta": 0.0, "eps": 0.01, "every": 1, "graft": True}),
    (optimizers.SOAP, soap, COARSE | {"decay": 0.1, "every": 5}),
    (optimizers.Sophia, sophia, SOPHIA | {"decay": 0.1}),
    (optimizers.ScheduleFreeSGD, schedule_free_sgd, {"lr": 0.02, "beta": 0.8, "decay": 0.1}),
    (optimizers.ScheduleFreeAdamW, schedule_free_adamw, COARSE | {"decay": 0.1}),
    (optimizers.Prodigy, prodigy, COARSE | {"lr": 0.1, "start": 1e-4, "growth": 0.5, "decay": 0.1}),
    (optimizers.DAdaptAdam, d_adapt_adam, COARSE | {"lr": 0.2, "start": 1e-4}),
    (optimizers.DAdaptAdam, d_adapt_adam, COARSE | {"lr": 0.2, "start": 1e-4, "bias_correction": False}),
]
WRITTEN_ELSEWHERE = {"lbfgs"} | {c.name for c in optimizers.ALL if hasattr(c, "inner")}


def test_every_optimizer_has_a_case():
    assert {case[0].name for case in CASES} | FIRST | NEWER | WRITTEN_ELSEWHERE == {
        c.name for c in optimizers.ALL
    }
    assert len(optimizers.ALL) >= 30


@pytest.mark.parametrize(
    ("optimizer", "formula", "settings"), CASES, ids=[f"{c[0].name}-{i}" for i, c in enumerate(CASES)]
)
def test_path_is_the_papers(path, problem, mixed, optimizer, formula, settings):
    def factor(step):
        return 1.0 - 0.5 * step / problem.steps

    steps = formula(problem.start, **settings)
    w, slow = next(steps), []
    for step in range(problem.steps):
        elsewhere = lambda at, step=step: problem.gradient(at, step)  # noqa: E731
        w = steps.send((problem.gradient(w, step), factor(step), elsewhere))
        slow.append(w)
    ours = path(optimizer(**settings), factor, layout=mixed)
    # 1e-11 of the size of the vector; the problem carries a rounding error on from step to step
    assert np.abs(ours - slow).max() <= 1e-11 * np.abs(slow).max()
    assert np.abs(slow[-1] - problem.start).max() > 0.05


@pytest.mark.parametrize("beta", [0.0, 0.9, 1.0])
def test_schedule_free_evaluates_the_mean_of_z(path, problem, beta):
    evaluated = path(optimizers.ScheduleFreeSGD(lr=0.02, beta=beta), evaluated=True)
    trained = path(optimizers.ScheduleFreeSGD(lr=0.02, beta=beta))
    z, zs = problem.start, []
    for step, y in enumerate([problem.start, *trained[:-1]]):
        z = z - 0.02 * problem.gradient(y, step)
        zs.append(z)
    np.testing.assert_allclose(evaluated[199], np.mean(zs[:200], axis=0), rtol=1e-10)


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (1, 5), (5, 1)])
def test_newton_schulz_brings_singular_values_near_one(shape):
    matrix = np.random.default_rng(1).normal(size=shape)
    before = matrix.copy()
    result = newton_schulz(matrix, 10)
    np.testing.assert_array_equal(matrix, before)
    assert result.shape == shape
    u, _, vt = np.linalg.svd(matrix, full_matrices=False)
    values = np.diag(u.T @ result @ vt.T)
    assert values.min() > 0.65
    assert values.max() < 1.25
    np.testing.assert_allclose((u * values) @ vt, result, atol=1e-10)


def test_sophias_estimate_is_a_row_of_the_hessian(problem, path):
    """h after one step is (1 - beta2) u * (H u), with the Hessian written out."""
    seen = {}

    class Spy(optimizers.Sophia):
        def step(self, params, grads, state, context):
            super().step(params, grads, state, context)
            seen.update(h=state["h"].copy(), signs=state["signs"].copy())

    path(Spy(beta2=0.75), steps=1)
    expected = 0.25 * seen["signs"] * (problem.hessian(problem.start) @ seen["signs"])
    np.testing.assert_allclose(seen["h"], expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
    assert set(seen["signs"]) == {-1.0, 1.0}


def test_muon_leaves_tables_and_heads_to_adamw_and_takes_gates_one_by_one():
    rng = np.random.default_rng(0)
    shapes = {"table": ("embedding", 5), "inner": ("", 6), "cell": ("gates", 3), "logits": ("head", 6)}
    tensors = [
        Tensor(name, (5, 6), "weight", 5, columns, k, 30 * k, part)
        for k, (name, (part, columns)) in enumerate(shapes.items())
    ]
    layout = Layout(tensors)
    params, grads = rng.normal(size=layout.size), rng.normal(size=layout.size)

    def moved(optimizer, layout, params, grads):
        w = params.copy()
        state = optimizer.init(w, layout)
        optimizer.step(w, grads.copy(), state, Context(layout=layout))
        return w

    ours = optimizers.Muon(lr=0.1, adamw_lr=0.01, decay=0.1)
    found = layout.views(moved(ours, layout, params, grads))
    plain = optimizers.AdamW(lr=0.01, beta1=0.9, beta2=0.95, eps=1e-10, decay=0.1)
    everything = Layout.of({"all": (layout.size,)})
    by_adamw = layout.views(moved(plain, everything, params, grads))
    for name in ("table", "logits"):
        assert np.allclose(found[name], by_adamw[name], rtol=1e-12)
    gates = layout.views(grads)["cell"], layout.views(params)["cell"]
    for half in (slice(0, 3), slice(3, 6)):
        g, w = (np.ascontiguousarray(a[:, half]) for a in gates)
        alone = moved(ours, Layout.of({"w": (5, 3)}), w.reshape(-1), g.reshape(-1)).reshape(5, 3)
        assert np.allclose(found["cell"][:, half], alone, rtol=1e-12)
    inner = [layout.views(a)["inner"].reshape(-1) for a in (params, grads)]
    assert np.allclose(found["inner"].reshape(-1), moved(ours, Layout.of({"w": (5, 6)}), *inner), rtol=1e-12)
