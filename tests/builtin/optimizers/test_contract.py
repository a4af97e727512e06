"""What every optimizer owes: steps in place and in the given dtype, a state that can be put away."""

import copy
import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.builtin import optimizers
from optbench.contract.context import Context, Progress
from optbench.contract.hyperparameters import ComponentError
from optbench.contract.layout import Layout, Tensor
from optbench.registry.accepted import check_component

every = pytest.mark.parametrize("optimizer", optimizers.ALL, ids=lambda c: c.name)
BY_NAME = {c.name: c for c in optimizers.ALL}
SIZE = 6
LAYOUT = Layout([Tensor("w", (2, 2), "weight", 2, 2, 0, 0), Tensor("b", (2,), "bias", 2, 2, 0, 4)])


def gradients(steps, dtype=np.float64, seed=3):
    return np.random.default_rng(seed).normal(size=(steps, SIZE)).astype(dtype)


def bowl(params, g):
    """A context whose loss is g'w + |w - params|^2 / 2: it has the gradient g at `params`."""
    center = np.array(params)
    one = float(np.dot(g, center))

    def gradient(at, out=None):
        away = at - center
        found = np.add(g, away, out=out)
        return float(np.dot(g, at)) + 0.5 * float(np.dot(away, away)), found

    return Context(LAYOUT, rng=np.random.default_rng(5), loss=lambda: one, gradient=gradient)


def go(optimizer, params, state, stream, first=0, total=20):
    for step, g in enumerate(stream, first):
        context = bowl(params, g)
        context.progress = Progress(step, total)
        optimizer.step(params, g.copy(), state, context)


@every
def test_is_a_valid_component_with_a_source(optimizer):
    check_component("optimizers", optimizer)
    assert optimizer.reference
    assert "<-" in optimizer.__doc__


@every
def test_tuned_ranges_hold_the_default_and_the_rate_comes_first(optimizer):
    for name, spec in optimizer.hyperparameters().items():
        if spec.low is not None:
            assert spec.low <= spec.default <= spec.high
        assert (spec.priority == 1) == (name in ("lr", "adamw_lr"))


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_works_on_a_row_of_a_matrix_in_its_dtype(optimizer, dtype):
    stack = np.ones((3, SIZE), dtype)
    row = stack[1]
    one = optimizer()
    state = one.init(row, LAYOUT)
    go(one, row, state, gradients(5, dtype))
    assert row.base is stack
    assert not np.array_equal(stack[1], np.ones(SIZE))
    np.testing.assert_array_equal(stack[[0, 2]], 1)
    assert {a.dtype for a in leaves(state) if isinstance(a, np.ndarray)} <= {np.dtype(dtype)}
    # the same bits as on a vector of its own
    alone = np.ones(SIZE, dtype)
    go(one, alone, one.init(alone, LAYOUT), gradients(5, dtype))
    np.testing.assert_array_equal(row, alone)


@every
def test_float32_is_computed_in_float32(optimizer):
    """The dtype of the results alone would not show it: an array in place stays float32 in any case."""
    one = optimizer()
    params = np.ones(SIZE, np.float32)
    state = one.init(params, LAYOUT)
    reals = []

    class Watched(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, out=(), **kwargs):
            plain = [np.asarray(i) if isinstance(i, Watched) else i for i in inputs]
            outs = tuple(np.asarray(o) for o in out)
            reals.extend(i.dtype for i in plain if isinstance(i, (np.ndarray, np.generic)))
            if outs:
                # what the loop would give without out=
                reals.append(np.result_type(*plain))
                getattr(ufunc, method)(*plain, out=outs, **kwargs)
                return out[0]
            result = getattr(ufunc, method)(*plain, **kwargs)
            reals.append(result.dtype)
            return result.view(Watched) if isinstance(result, np.ndarray) else result

    def watch(tree):
        if isinstance(tree, dict):
            return {name: watch(value) for name, value in tree.items()}
        return tree.view(Watched) if isinstance(tree, np.ndarray) else tree

    go(one, params.view(Watched), watch(state), gradients(3, np.float32).view(Watched))
    # A test for finiteness gives truth values; some methods have passes of BLAS only, which knows one dtype at a time.
    assert set(reals) <= {np.dtype(np.float32), np.dtype(bool)}


def leaves(tree):
    for value in tree.values():
        yield from leaves(value) if isinstance(value, dict) else (value,)


@every
def test_state_is_plain_and_goes_on_to_the_same_bits(optimizer):
    one = optimizer()
    params = np.ones(SIZE)
    state = one.init(params, LAYOUT)
    stream = gradients(20)
    go(one, params, state, stream[:12])
    assert all(type(v) in (np.ndarray, int, float) for v in leaves(state))
    saved, copied = copy.deepcopy(one.save(state)), params.copy()
    go(one, params, state, stream[12:], first=12)
    loaded = one.load(saved, copied, LAYOUT)
    go(one, copied, loaded, stream[12:], first=12)
    np.testing.assert_array_equal(copied, params)
    np.testing.assert_array_equal(one.evaluation_params(copied, loaded), one.evaluation_params(params, state))


@every
def test_the_state_is_the_trials_own(optimizer):
    one, params = optimizer(), np.ones(SIZE)
    first, second = one.init(params, LAYOUT), one.init(params, LAYOUT)
    for a in leaves(first):
        for b in (*leaves(second), params):
            assert not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.shares_memory(a, b))


@every
def test_a_zero_gradient_moves_nothing_but_decay(optimizer):
    one = optimizer(decay=0.0) if "decay" in optimizer.hyperparameters() else optimizer()
    params = np.ones(SIZE, np.float32)
    go(one, params, one.init(params, LAYOUT), np.zeros((3, SIZE), np.float32))
    np.testing.assert_array_equal(params, 1)


def test_a_zero_gradient_leaves_decay():
    one, params = optimizers.AdamW(), np.ones(SIZE, np.float32)
    go(one, params, one.init(params, LAYOUT), np.zeros((3, SIZE), np.float32))
    np.testing.assert_allclose(params, (1 - 0.001 * 0.01) ** 3, rtol=1e-7)


@every
def test_a_factor_of_zero_stops(optimizer):
    one, params = optimizer(), np.ones(SIZE)
    state = one.init(params, LAYOUT)
    for g in gradients(2):
        context = bowl(params, g)
        context.factor = 0.0
        one.step(params, g.copy(), state, context)
    np.testing.assert_array_equal(params, 1)


@every
@pytest.mark.parametrize("size", [1e-40, 1e-20, 1e10])
def test_tiny_and_huge_gradients_give_finite_steps(optimizer, size):
    one, params = optimizer(), np.ones(SIZE, np.float32)
    stream = gradients(3) * size
    go(one, params, one.init(params, LAYOUT), stream.astype(np.float32))
    assert np.isfinite(params).all()


# Bit by bit; limits, which have a third item, are the conformance kit's, with a tolerance.
SPECIAL = [(c, *case) for c in optimizers.ALL for case in vars(c).get("special_cases", ()) if len(case) == 2]


@pytest.mark.parametrize(
    ("general", "name", "special"), SPECIAL, ids=[f"{c[0].name}-{c[1]}" for c in SPECIAL]
)
@settings(max_examples=20)
@given(lr=st.floats(1e-4, 1), seed=st.integers(0, 100))
def test_a_general_method_equals_its_special_case(general, name, special, lr, seed):
    results = []
    if name == "inner":
        inner = dataclasses.replace(general().inner, lr=lr)
        pair = (general(inner=inner, **special), inner)
    else:
        pair = (general(lr=lr, **special), BY_NAME[name](lr=lr))
    for one in pair:
        params = np.ones(SIZE)
        state = one.init(params, LAYOUT)
        go(one, params, state, gradients(20, seed=seed))
        results.append((params, one.evaluation_params(params, state)))
    np.testing.assert_array_equal(*zip(*results, strict=True))


def test_the_special_cases_are_declared():
    assert {(c.name, name) for c, name, _ in SPECIAL} >= {
        ("momentum", "sgd"),
        ("heavy-ball", "sgd"),
        ("nesterov", "sgd"),
        ("adamw", "adam"),
        *((c.name, "inner") for c in optimizers.ALL if hasattr(c, "inner")),
    }


def test_momentum_is_the_heavy_ball_at_another_rate():
    results = []
    for one in (optimizers.Momentum(lr=0.5, beta=0.8), optimizers.HeavyBall(lr=0.5 * 0.2, beta=0.8)):
        params = np.ones(SIZE)
        go(one, params, one.init(params, LAYOUT), gradients(20))
        results.append(params)
    np.testing.assert_allclose(*results, rtol=1e-13)


@pytest.mark.parametrize("changed", [{"beta1": 0.5}, {"beta2": 0.9}])
def test_a_resumed_adam_with_another_beta_keeps_its_averages(changed):
    """The state holds sums; what a user means by it are the averages m and v."""
    params, old, new = np.ones(SIZE), optimizers.Adam(), optimizers.Adam(**changed)
    state = old.init(params, LAYOUT)
    go(old, params, state, gradients(9))
    m, v = state["m"] * (1 - old.beta1), state["v"] * (1 - old.beta2)
    loaded = new.load(copy.deepcopy(state), params, LAYOUT)
    np.testing.assert_allclose(loaded["m"] * (1 - new.beta1), m, rtol=1e-12)
    np.testing.assert_allclose(loaded["v"] * (1 - new.beta2), v, rtol=1e-12)
    assert new.load(loaded, params, LAYOUT)["m"] is loaded["m"]


def test_averaged_sgd_declares_both_iterates():
    one, params = optimizers.ASGD(start=0.0), np.ones(SIZE)
    state = one.init(params, LAYOUT)
    go(one, params, state, gradients(3))
    first, second = one.iterates(params, state)
    assert first is params
    assert second is one.evaluation_params(params, state) is state["average"]


@pytest.mark.parametrize(
    ("optimizer", "setting", "value", "valid"),
    [
        (optimizers.SGD, "lr", -0.1, "[0, inf)"),
        (optimizers.Momentum, "beta", 1.0, "[0, 1)"),
        (optimizers.Adam, "beta2", 1.5, "[0, 1)"),
        (optimizers.Adam, "eps", 0.0, "(0, inf)"),
        (optimizers.AdamW, "decay", -1, "[0, inf)"),
        (optimizers.ASGD, "start", 2, "[0, 1]"),
        (optimizers.Adam, "bias_correction", 1, "true or false"),
    ],
)
def test_an_impossible_setting_names_component_field_and_range(optimizer, setting, value, valid):
    with pytest.raises(ComponentError) as error:
        optimizer(**{setting: value})
    for part in (optimizer.name, setting, valid):
        assert part in str(error.value)
