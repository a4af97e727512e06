"""Optimizers around another: each idea written out, and how suites name and search them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.builtin import optimizers
from optbench.contract.context import Context, Progress
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layout import Layout
from optbench.registry.registry import registry
from optbench.suite.references import searched

LR = 0.02
WRAPPERS = [c for c in optimizers.ALL if hasattr(c, "inner")]
every = pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda c: c.name)


def sgd(problem, gradient, steps=300):
    """The path of plain descent along `gradient(w, step)`."""
    w, rows = problem.start, []
    for step in range(steps):
        w = w - LR * gradient(w, step)
        rows.append(w)
    return np.array(rows)


def close(ours, expected):
    assert np.abs(ours - expected).max() <= 1e-11 * np.abs(expected).max()


def test_sam_takes_the_gradient_from_uphill(path, problem):
    def uphill(w, step):
        g = problem.gradient(w, step)
        return problem.gradient(w + 0.3 * g / np.sqrt((g**2).sum()), step)

    close(path(optimizers.SAM(optimizers.SGD(LR), rho=0.3)), sgd(problem, uphill))


def test_sam_counts_its_gradients():
    params, layout = np.ones(2), Layout.of({"w": (2,)})
    context = Context(layout, gradient=lambda at, out: (0.0, np.multiply(at, 3, out=out)))
    one = optimizers.SAM(optimizers.SGD(LR), rho=0.1)
    one.step(params, np.array([3.0, 4.0]), one.init(params, layout), context)
    assert context.extra_gradients == 1
    np.testing.assert_allclose(params, 1 - LR * 3 * (1 + 0.1 * np.array([0.6, 0.8])))


def test_clipping_by_norm(path, problem):
    def clipped(w, step):
        g = problem.gradient(w, step)
        return g * min(1, 2 / np.sqrt((g**2).sum()))

    close(path(optimizers.ClipNorm(optimizers.SGD(LR), limit=2)), sgd(problem, clipped))


def test_clipping_by_value(path, problem):
    def clipped(w, step):
        g = problem.gradient(w, step)
        return np.where(abs(g) > 0.3, 0.3 * np.sign(g), g)

    close(path(optimizers.ClipValue(optimizers.SGD(LR), limit=0.3)), sgd(problem, clipped))


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_norms_of_tiny_and_huge_gradients_in_float32(size):
    one, layout = optimizers.ClipNorm(optimizers.SGD(1.0), limit=size), Layout.of({"w": (2,)})
    params = np.zeros(2, np.float32)
    grads = np.array([30 * size, 40 * size], np.float32)
    one.step(params, grads, one.init(params, layout), Context(layout))
    np.testing.assert_allclose(params, [-0.6 * size, -0.8 * size], rtol=1e-6)


@pytest.mark.parametrize(("caution", "offset"), [(1.0, 1.0), (0.7, 0.0)])
def test_cautious_makes_no_step_against_the_gradient(path, problem, mixed, caution, offset):
    """Around a heavy ball, whose steps are written out."""
    places = [tensor.slice for tensor in mixed]
    w, v, rows, against = problem.start, 0, [], 0
    for step in range(300):
        g = problem.gradient(w, step)
        v = 0.9 * v + g
        keep = v * g > 0
        against += (~keep).sum()
        factor = np.zeros(24)
        for place in places:
            if keep[place].any():
                factor[place] = keep[place] * keep[place].size / (keep[place].sum() + offset)
        w = w - LR / 10 * v * (1 - caution + caution * factor)
        rows.append(w)
    one = optimizers.Cautious(optimizers.HeavyBall(LR / 10), caution=caution, offset=offset)
    close(path(one, layout=mixed), np.array(rows))
    assert against > 100


@given(seed=st.integers(0, 1000), size=st.sampled_from([1e-30, 1.0, 1e15]))
@settings(max_examples=20)
def test_a_cautious_step_never_goes_up(seed, size, mixed):
    rng = np.random.default_rng(seed)
    one, params = optimizers.Cautious(optimizers.Signum(0.1)), rng.normal(size=24).astype(np.float32)
    state = one.init(params, mixed)
    for _ in range(5):
        before, g = params.copy(), (size * rng.normal(size=24)).astype(np.float32)
        one.step(params, g.copy(), state, Context(mixed))
        assert ((params - before) * np.sign(g) <= 0).all()
    assert (params != before).any()


def test_lookahead(path, problem):
    w = slow = problem.start
    fast, evaluated = [], []
    for step in range(300):
        w = w - LR * problem.gradient(w, step)
        if step % 4 == 3:
            w = slow = slow + 0.3 * (w - slow)
        fast.append(w)
        evaluated.append(slow)
    one = optimizers.Lookahead(optimizers.SGD(LR), alpha=0.3, k=4)
    close(path(one), np.array(fast))
    close(path(one, evaluated=True), np.array(evaluated))


def test_ema_is_a_weighted_mean_of_the_iterates(path, problem):
    iterates = sgd(problem, problem.gradient)
    one = optimizers.EMA(optimizers.SGD(LR), beta=0.9)
    close(path(one), iterates)
    evaluated = path(one, evaluated=True)
    for step in (0, 1, 7, 299):
        weights = 0.9 ** np.arange(step, -1, -1.0)
        close(evaluated[step], weights @ iterates[: step + 1] / weights.sum())


def test_swa_is_the_mean_of_the_ends_of_epochs(path, problem):
    """Epochs have 10 steps, so that of 300 steps those numbered 159, 169, … count from half of the budget on."""
    iterates = sgd(problem, problem.gradient)
    one = optimizers.SWA(optimizers.SGD(LR), start=0.5)
    evaluated = path(one, evaluated=True)
    close(evaluated[:159], iterates[:159])
    close(evaluated[299], iterates[159::10].mean(axis=0))
    close(evaluated[295], iterates[159:290:10].mean(axis=0))


@pytest.mark.parametrize(("k", "every", "apart"), [(4, 0.02, 6), (1, 0.0, 1), (3, 0.001, 1)])
def test_lawa_is_the_mean_of_the_latest_that_were_kept(path, problem, k, every, apart):
    iterates = sgd(problem, problem.gradient)
    one = optimizers.LAWA(optimizers.SGD(LR), k=k, every=every)
    close(path(one), iterates)
    evaluated = path(one, evaluated=True)
    for step in (0, 1, 4, 5, 11, 17, 298, 299):
        latest = iterates[apart - 1 : step + 1 : apart][-k:]
        close(evaluated[step], latest.mean(axis=0) if len(latest) else iterates[step])


@every
def test_every_vector_that_is_evaluated_is_declared(wrapper):
    """With an inner optimizer that has a second iterate of its own."""
    one, layout, params = wrapper(optimizers.ScheduleFreeSGD()), Layout.of({"w": (2,)}), np.ones(2)
    state = one.init(params, layout)
    context = Context(layout, gradient=lambda at, out: (0.0, np.copyto(out, at)))
    context.progress = Progress(0, 1, 1)
    one.step(params, np.ones(2), state, context)
    declared = one.iterates(params, state)
    assert any(one.evaluation_params(params, state) is a for a in declared)
    inner = one.inner.iterates(params, state["inner"])
    assert {id(a) for a in inner} <= {id(a) for a in declared}


# ------------------------------------------------------------------------------------------- names and ranges


@every
def test_suites_write_the_inner_as_a_table(wrapper):
    one = registry().create("optimizers", {"name": wrapper.name, "inner": {"name": "adam", "lr": 0.5}})
    assert one == wrapper(inner=optimizers.Adam(lr=0.5))
    assert one.settings()["inner"] == {"name": "adam", **optimizers.Adam(lr=0.5).settings()}


@every
def test_a_bare_name_searches_the_inners_ranges_too(wrapper):
    search = searched("optimizers", wrapper.name, registry(), everything=True)["search"]
    own = {name for name, spec in wrapper.hyperparameters().items() if spec.searchable}
    inner = {f"inner.{n}" for n, spec in wrapper().inner.hyperparameters().items() if spec.searchable}
    assert set(search) == own | inner
    assert "inner.lr" in search
    assert min(search, key=lambda path: search[path]["priority"]) == "inner.lr"


def test_what_a_suite_fixes_is_not_searched():
    table = {"name": "sam", "inner": {"name": "adam", "lr": 0.5, "beta1": 0.8}}
    found = searched("optimizers", table, registry(), everything=True)
    assert set(found["search"]) == {"rho", "inner.beta2", "inner.eps"}
    found = searched("optimizers", {**table, "search": ["inner.lr"]}, registry(), everything=False)
    assert set(found["search"]) == {"inner.lr"}


def test_wrappers_nest():
    table = {"name": "ema", "inner": {"name": "clip-norm", "inner": "adam"}}
    found = searched("optimizers", table, registry(), everything=True)
    assert {"beta", "inner.limit", "inner.inner.lr"} <= set(found["search"])
    one = registry().create("optimizers", {k: v for k, v in found.items() if k != "search"})
    assert one == optimizers.EMA(optimizers.ClipNorm(optimizers.Adam()))


@every
def test_the_inner_must_be_an_optimizer(wrapper):
    with pytest.raises(ComponentError, match=f"{wrapper.name}: inner must be an optimizer"):
        wrapper(inner="adam")
