"""Paths of the newest methods against their papers' formulas, written out once more, slowly; and their laws.

As in test_modern_formulas.py: a formula is a generator that yields parameters and gets (gradient, factor, gradient
elsewhere). The vector is two matrices, 4 x 4 and 2 x 3, and a bias of 2.
"""

import copy
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.builtin import optimizers
from optbench.builtin.optimizers.kron import balanced, lower_bound, precondition
from optbench.contract.context import Context, Progress
from optbench.contract.layout import Layout, Tensor

STEPS = 300


def blocks(x):
    return x[:16].reshape(4, 4), x[16:22].reshape(2, 3), x[22:]


def joined(parts):
    return np.concatenate([p.reshape(-1) for p in parts])


def ademamix(w, lr, beta1, beta2, eps, decay, beta3, alpha, warmup, reach):
    m, n, v, t = 0 * w, 0 * w, 0 * w, 0
    half_life = lambda beta: log(0.5) / log(beta) - 1  # noqa: E731
    while True:
        g, f, _ = yield w
        t += 1
        p = min(1, t / (warmup * STEPS)) if warmup else 1
        last = min(beta3, 2 ** (-1 / (reach * STEPS)))
        slow = min(last, 0.5 ** (1 / (1 + (1 - p) * half_life(beta1) + p * half_life(last))))
        m, n, v = beta1 * m + (1 - beta1) * g, slow * n + (1 - slow) * g, beta2 * v + (1 - beta2) * g**2
        step = (m / (1 - beta1**t) + p * alpha * n) / (np.sqrt(v / (1 - beta2**t)) + eps)
        w = w - lr * f * (step + decay * w)


def mars(w, lr, beta1, beta2, eps, decay, gamma, limit, exact):
    m, v, t, old = 0 * w, 0 * w, 0, None
    while True:
        g, f, elsewhere = yield w
        t += 1
        before = g if t == 1 else elsewhere(old) if exact else old
        parts = blocks(g + gamma * beta1 / (1 - beta1) * (g - before))
        c = joined([one / max(1, np.linalg.norm(one) / limit) for one in parts])
        old = w if exact else g
        m, v = beta1 * m + (1 - beta1) * c, beta2 * v + (1 - beta2) * c**2
        w = w - lr * f * (m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps) + decay * w)


def amos(w, lr, beta, momentum, fall):
    scales, m, t = (sqrt(2 / 4), sqrt(2 / 2), 0.5), 0 * w, 0
    v, b = [0, 0, 0], [0, 0, 0]
    while True:
        g, f, _ = yield w
        t += 1
        xi, steps = lr * f, []
        for k, (one, slope) in enumerate(zip(blocks(w), blocks(g), strict=True)):
            s = (slope**2).mean(axis=0)
            v[k] = beta * v[k] + (1 - beta) * s
            now = v[k] / (1 - beta**t)
            c = xi**2 * s / now / np.sqrt(1 + fall * sqrt(xi) * b[k])
            u = xi * scales[k] * slope / np.sqrt(now) + c / 2 * one
            steps.append(u / (1 + fall * sqrt(xi * scales[k]) * b[k]))
            b[k] = b[k] + c * (1 + b[k])
        m = momentum * m + (1 - momentum) * joined(steps)
        w = w - m


def d_adapt_sgd(w, lr, beta, start):
    first, d, r, s, size = w, start, 0, 0 * w, None
    while True:
        g, f, _ = yield w
        size = size or np.linalg.norm(g)
        a = d * lr * f / size
        r, s = r + a * (g @ s), s + a * g
        d = max(d, 2 * r / np.linalg.norm(s))
        w = beta * w + (1 - beta) * (first - s)


def power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T


def caspr(w, lr, beta, eps, every, largest=512, beta2=1.0, graft=False):
    """With the Kronecker sum as one large matrix over the rows of G, laid one after the other."""
    shapes, t, m, squares, new = [(4, 4), (2, 3)], 0, 0 * w, 0 * w, 1 if beta2 == 1 else 1 - beta2
    left, right = [np.zeros((a, a)) for a, _ in shapes], [np.zeros((b, b)) for _, b in shapes]
    while True:
        g, f, _ = yield w
        *matrices, _ = blocks(g)
        for k, slope in enumerate(matrices):
            left[k] = beta2 * left[k] + new * slope @ slope.T
            right[k] = beta2 * right[k] + new * slope.T @ slope
        if largest < 4:
            left[0], right[0] = np.diag(np.diag(left[0])), np.diag(np.diag(right[0]))
        squares = beta2 * squares + new * g**2
        s = 1 if beta2 == 1 else 1 - beta2 ** (t + 1)
        if t < every or t % every == 0:
            roots = [[power(a / s + eps * np.eye(len(a)), -1 / 4) for a in both] for both in (left, right)]
            sums = [
                (np.kron(a, np.eye(len(b))) + np.kron(np.eye(len(a)), b)) / 2
                for a, b in zip(*roots, strict=True)
            ]
        t += 1
        *alone, bias = blocks(g / np.sqrt(squares / s + eps))
        steps = [both @ both @ slope.reshape(-1) for both, slope in zip(sums, matrices, strict=True)]
        if graft:
            steps = [d * np.linalg.norm(a) / np.linalg.norm(d) for d, a in zip(steps, alone, strict=True)]
        m = beta * m + (1 - beta) * joined([*steps, bias])
        w = w - lr * f * m


def kron(w, lr, beta, pace, decay, least, flat, fall, largest=512):
    rng, m, t, since = np.random.default_rng(0), 0 * w, 0, 0
    sides = [(4, 4), (2, 3), (2,)]
    qs = [[np.eye(n) for n in pair] for pair in sides]
    diagonal = [[len(pair) == 1 or n > largest for n in pair] for pair in sides]
    while True:
        g, f, _ = yield w
        since += 1
        renew = since >= 1 / max(least, min(1, exp(-fall * (t - flat))))
        balance = renew and rng.random() < 0.01
        since = 0 if renew else since
        t += 1
        m, new = beta * m + (1 - beta) * g, []
        for one, average, q, plain in zip(blocks(w), blocks(m / (1 - beta**t)), qs, diagonal, strict=True):
            one, average = (x if x.ndim == 2 else x[:, None] for x in (one, average))
            if balance and len(q) == 2:
                ratio = sqrt(abs(q[1]).max() / abs(q[0]).max())
                q[0], q[1] = q[0] * ratio, q[1] / ratio
            second = q[1] if len(q) == 2 else np.eye(1)
            if renew:
                a = q[0] @ average @ second.T
                b = np.linalg.inv(q[0]).T @ rng.standard_normal(one.shape) @ np.linalg.inv(second)
                pairs = [(a @ a.T, b @ b.T), (a.T @ a, b.T @ b)]
                for k in range(len(q)):
                    more, less = (np.diag(np.diag(x)) if plain[k] else x for x in pairs[k])
                    both = more + less
                    if plain[k]:
                        size = both.max()
                    else:
                        row = both[np.argmax((both**2).sum(axis=1))]
                        size = np.linalg.norm(both @ both @ row) / np.linalg.norm(both @ row)
                    q[k] = q[k] - pace * np.triu(more - less) / size @ q[k]
            second = q[1] if len(q) == 2 else np.eye(1)
            u = q[0].T @ q[0] @ average @ second.T @ second
            u = u * min(1, 1.1 / (np.sqrt((u**2).mean()) + 1e-6))
            new.append(one - lr * f * (u + decay * one * (len(q) == 2)))
        w = joined(new)


COARSE = {"lr": 0.02, "beta1": 0.7, "beta2": 0.95, "eps": 1e-3}
LONG = COARSE | {"decay": 0.1, "beta3": 0.99, "alpha": 2.0}
NEAR = COARSE | {"decay": 0.1, "gamma": 0.1, "limit": 0.5}
AMOS, KRON = {"lr": 0.05, "beta": 0.9}, {"lr": 0.01, "beta": 0.8, "pace": 0.1, "decay": 0.1}
CASES = [
    (optimizers.AdEMAMix, ademamix, LONG | {"warmup": 0.5, "reach": 0.1}),
    (optimizers.AdEMAMix, ademamix, LONG | {"warmup": 0.0, "reach": 1.0}),
    (optimizers.AdEMAMix, ademamix, LONG | {"warmup": 2.0, "reach": 1.0, "beta3": 0.6}),
    (optimizers.MARS, mars, NEAR | {"exact": False}),
    (optimizers.MARS, mars, NEAR | {"exact": True}),
    (optimizers.Amos, amos, AMOS | {"momentum": 0.0, "fall": 0.25}),
    (optimizers.Amos, amos, AMOS | {"momentum": 0.7, "fall": 2.0}),
    (optimizers.DAdaptSGD, d_adapt_sgd, {"lr": 0.5, "beta": 0.9, "start": 1e-2}),
    (optimizers.CASPR, caspr, {"lr": 0.1, "beta": 0.0, "eps": 0.01, "every": 1}),
    (optimizers.CASPR, caspr, {"lr": 0.1, "beta": 0.8, "eps": 1.0, "every": 7, "largest": 3}),
    (
        optimizers.CASPR,
        caspr,
        {"lr": 0.02, "beta": 0.8, "eps": 1e-3, "every": 3, "beta2": 0.9, "graft": True},
    ),
    (optimizers.Kron, kron, KRON | {"least": 1.0, "flat": 0, "fall": 0.0}),
    (optimizers.Kron, kron, KRON | {"least": 0.15, "flat": 20, "fall": 0.03, "largest": 3}),
]


@pytest.mark.parametrize(
    ("optimizer", "formula", "values"), CASES, ids=[f"{c[0].name}-{i}" for i, c in enumerate(CASES)]
)
def test_path_is_the_papers(path, problem, mixed, optimizer, formula, values):
    def factor(step):
        return 1.0 - 0.5 * step / problem.steps

    count = 100 if optimizer in (optimizers.CASPR, optimizers.Kron) else STEPS  # these take long
    steps = formula(problem.start, **values)
    w, slow = next(steps), []
    for step in range(count):
        elsewhere = lambda at, step=step: problem.gradient(at, step)  # noqa: E731
        w = steps.send((problem.gradient(w, step), factor(step), elsewhere))
        slow.append(w)
    ours = path(optimizer(**values), factor, layout=mixed, steps=count)
    assert np.abs(ours - slow).max() <= 1e-11 * np.abs(slow).max()
    assert np.abs(slow[-1] - problem.start).max() > 0.05


# ------------------------------------------------------------------------------------------------------ laws


def stepped(optimizer, params, grads, layout, gradient=None, total=20):
    """The parameters (steps, size) after each of these gradients."""
    w, rows, context = params.copy(), [], Context(layout, Progress(0, total), gradient=gradient)
    state = optimizer.init(w, layout)
    for step, g in enumerate(grads):
        context.progress.step = step
        optimizer.step(w, g.copy(), state, context)
        rows.append(w.copy())
    return np.array(rows)


def noise(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


@given(seed=st.integers(0, 1000), exponent=st.integers(-20, 20))
@settings(max_examples=20)
def test_signum_and_amos_do_not_see_the_size_of_the_gradient(seed, exponent, mixed):
    params, grads = noise(seed, 24), noise(seed + 1, 5, 24)
    for one in (optimizers.Signum(lr=0.1), optimizers.Amos(lr=0.1, momentum=0.5)):
        plain, scaled = (stepped(one, params, size * grads, mixed) for size in (1.0, 2.0**exponent))
        np.testing.assert_allclose(plain, scaled, rtol=1e-12)


@given(seed=st.integers(0, 1000))
@settings(max_examples=20)
def test_signums_steps_are_as_long_as_its_rate(seed, mixed):
    params = noise(seed, 24)
    path = stepped(optimizers.Signum(lr=0.01), params, noise(seed + 1, 5, 24), mixed)
    np.testing.assert_allclose(np.abs(np.diff([params, *path], axis=0)), 0.01, rtol=1e-10)


@given(beta1=st.floats(0, 0.99), beta3=st.floats(0, 0.9999), steps=st.integers(1, 200))
@settings(max_examples=30)
def test_ademamix_warms_up_between_its_betas(beta1, beta3, steps):
    one = optimizers.AdEMAMix(beta1=beta1, beta3=beta3, alpha=3.0, reach=1e9)
    alphas, betas = np.array([one.warm(t, steps) for t in range(1, steps + 20)]).T
    assert (np.diff(alphas) >= 0).all()
    assert (np.diff(betas) >= -1e-15).all()
    assert min(beta1, beta3) - 1e-12 <= betas[0] <= beta3
    assert (alphas[steps - 1 :] == 3.0).all()
    np.testing.assert_allclose(betas[steps - 1 :], beta3, rtol=1e-12)


@given(steps=st.integers(1, 100_000), reach=st.floats(0.01, 3))
@settings(max_examples=30)
def test_ademamixs_slow_average_reaches_no_further_than_a_share_of_the_budget(steps, reach):
    one = optimizers.AdEMAMix(reach=reach)
    _, beta3 = one.warm(steps, steps)
    assert beta3 <= one.beta3
    assert beta3 ** (reach * steps) <= 0.5 * (1 + 1e-9)
    assert beta3 == pytest.approx(one.beta3) or beta3 ** (reach * steps) == pytest.approx(0.5)


def test_a_resumed_ademamix_with_another_beta3_keeps_its_slow_average(mixed):
    old, new, params = optimizers.AdEMAMix(beta3=0.9), optimizers.AdEMAMix(beta3=0.999), noise(0, 24)
    state, context = old.init(params, mixed), Context(mixed, Progress(0, 10))
    for g in noise(1, 9, 24):
        old.step(params, g, state, context)
    before = state["slow"] * state["scales"]["slow"]
    loaded = new.load(old.save(state), params, mixed)
    np.testing.assert_array_equal(loaded["slow"] * loaded["scales"]["slow"], before)


@given(seed=st.integers(0, 1000))
@settings(max_examples=20)
def test_mars_on_a_steady_gradient_is_adamw(seed, mixed):
    """No change of the gradient, no correction: in both forms."""
    params, g = noise(seed, 24), noise(seed + 1, 24)
    still = lambda at, out: (0.0, np.copyto(out, g))  # noqa: E731
    grads = np.repeat(g[None], 6, axis=0)
    same = {"lr": 0.01, "beta1": 0.9, "beta2": 0.99, "decay": 0.1}
    expected = stepped(optimizers.AdamW(**same), params, grads, mixed)
    for exact in (False, True):
        one = optimizers.MARS(**same, exact=exact, limit=np.inf, gamma=0.3)
        np.testing.assert_allclose(stepped(one, params, grads, mixed, still), expected, rtol=1e-10)


def test_an_exact_mars_takes_one_gradient_more_but_in_the_first_step(mixed):
    context = Context(mixed, gradient=lambda at, out: (0.0, np.copyto(out, at)))
    one, params = optimizers.MARS(exact=True), np.ones(24)
    state = one.init(params, mixed)
    for _ in range(5):
        one.step(params, params.copy(), state, context)
    assert context.extra_gradients == 4


@pytest.mark.parametrize("exact", [False, True])
def test_a_mars_resumed_with_another_form_makes_one_step_of_adamw(exact, mixed):
    """The gradient of the step before is no place to take one at, nor is that place a gradient."""
    old, new = (optimizers.MARS(exact=one, gamma=0.5, limit=np.inf) for one in (not exact, exact))
    params, grads = noise(0, 24), noise(1, 5, 24)
    context = Context(mixed, gradient=lambda at, out: (0.0, np.copyto(out, np.sin(at))))
    state = old.init(params, mixed)
    for g in grads[:3]:
        old.step(params, g.copy(), state, context)
    adamw = optimizers.AdamW(lr=new.lr, beta1=new.beta1, beta2=new.beta2, eps=new.eps, decay=new.decay)
    twin, plain, before = params.copy(), copy.deepcopy(state), params.copy()
    loaded = new.load(old.save(state), params, mixed)
    new.step(params, grads[3].copy(), loaded, context)
    adamw.step(twin, grads[3].copy(), plain, context)
    np.testing.assert_allclose(params, twin, rtol=1e-12)
    np.testing.assert_array_equal(loaded["before"], before if exact else grads[3])


@pytest.mark.parametrize("told", [True, False])
def test_a_mars_resumed_as_it_was_goes_on_with_its_bits(told, mixed):
    """Also from a checkpoint that does not tell what it holds."""
    one, grads = optimizers.MARS(), noise(1, 8, 24)
    whole = stepped(one, noise(0, 24), grads, mixed)
    params, context = noise(0, 24), Context(mixed, Progress(0, 20))
    state = one.init(params, mixed)
    for step, g in enumerate(grads):
        if step == 4:
            saved = {name: value for name, value in one.save(state).items() if told or name != "holds"}
            state = one.load(saved, params, mixed)
        one.step(params, g.copy(), state, context)
    assert np.array_equal(params, whole[-1])


@given(seed=st.integers(0, 1000), rows=st.integers(2, 5), columns=st.integers(2, 5))
@settings(max_examples=30)
def test_without_a_past_caspr_is_the_orthogonal_factor(seed, rows, columns):
    """U V' of the gradient, which is Muon's step (Cesista 2025), where no singular value is near 0."""
    u, _, vt = np.linalg.svd(noise(seed, rows, columns), full_matrices=False)
    g = (u * np.linspace(1, 3, len(vt))) @ vt
    one, layout = optimizers.CASPR(lr=1.0, beta=0.0, eps=1e-14), Layout.of({"w": (rows, columns)})
    moved = stepped(one, np.zeros(g.size), [g.reshape(-1)], layout)[0]
    np.testing.assert_allclose(moved.reshape(rows, columns), -u @ vt, atol=1e-5)


@given(seed=st.integers(0, 1000), size=st.integers(1, 8))
@settings(max_examples=30)
def test_krons_bound_is_below_the_norm_and_not_far(seed, size):
    half = noise(seed, size, size)
    largest = np.linalg.norm(half @ half.T, 2)
    assert largest / sqrt(2) <= lower_bound(half @ half.T) <= largest * (1 + 1e-12)


def test_balancing_leaves_krons_preconditioner_as_it_is():
    factors = {"left": np.triu(noise(0, 4, 4)), "right": 1e3 * np.abs(noise(1, 3))}
    before = precondition(factors, noise(2, 4, 3))
    balanced(factors)
    np.testing.assert_allclose(precondition(factors, noise(2, 4, 3)), before, rtol=1e-12)
    assert abs(factors["left"]).max() == pytest.approx(factors["right"].max())


def test_kron_whitens_what_it_sees():
    """Gradients of scales a decade and a half apart leave it alike: P is the root of their inverse covariance."""
    scales = np.array([0.1, 0.3, 1.0, 3.0])
    one, layout, params = optimizers.Kron(beta=0.0, pace=0.05), Layout.of({"b": (4,)}, "bias"), np.zeros(4)
    state, context, sizes = one.init(params, layout), Context(layout), []
    for step, g in enumerate(scales * noise(0, 1200, 4)):
        context.progress.step = step
        one.step(params, g, state, context)
        if step >= 600:
            sizes.append(state["factors"]["b"]["left"] ** 2)
    np.testing.assert_allclose(np.mean(sizes, axis=0) * scales, 1, rtol=0.25)


def test_kron_keeps_the_preconditioner_of_a_tensor_without_gradient(mixed):
    one, params, grads = optimizers.Kron(), noise(0, 24).astype(np.float32), np.zeros(24, np.float32)
    grads[:16] = 1
    state = one.init(params, mixed)
    for _ in range(50):
        one.step(params, grads.copy(), state, Context(mixed))
    assert np.array_equal(state["factors"]["second"]["left"], np.eye(2))
    assert not np.array_equal(state["factors"]["first"]["left"], np.eye(4))


@pytest.mark.parametrize("seed", [1, 2])
def test_krons_chance_is_the_contexts(seed, mixed):
    params, grads = noise(0, 24), noise(1, 5, 24)

    def ended(seed):
        one, w = optimizers.Kron(lr=0.1), params.copy()
        state, context = one.init(w, mixed), Context(mixed, rng=np.random.default_rng(seed))
        for g in grads:
            one.step(w, g.copy(), state, context)
        return w

    assert np.array_equal(ended(seed), ended(seed))
    assert not np.array_equal(ended(seed), ended(seed + 1))


def test_amos_groups_units_rows_of_a_table_and_whole_heads():
    shapes = {"table": "embedding", "inner": "", "logits": "head"}
    tensors = [Tensor(name, (5, 6), "weight", 5, 6, k, 30 * k, shapes[name]) for k, name in enumerate(shapes)]
    layout = Layout(tensors)
    one, params, g = optimizers.Amos(lr=0.1), noise(0, 90), noise(1, 90)
    state = one.init(params, layout)
    assert {name: state["b"][name].shape for name in shapes} == {
        "table": (5, 1),
        "inner": (1, 6),
        "logits": (1, 6),
    }
    zero = np.zeros(90)
    one.step(zero, g.copy(), state, Context(layout))
    # the first step divides by the root mean square of each group: without weights there is nothing to decay
    moved, slopes = layout.views(-zero), layout.views(g)
    for name, axis, eta in (("table", 1, sqrt(2 / 5)), ("inner", 0, sqrt(2 / 5)), ("logits", 0, sqrt(1 / 5))):
        size = np.sqrt((slopes[name] ** 2).mean(axis=axis, keepdims=True))
        np.testing.assert_allclose(moved[name], 0.1 * eta * slopes[name] / size, rtol=1e-12)
