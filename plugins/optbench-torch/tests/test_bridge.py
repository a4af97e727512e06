"""What the bridge does around a torch optimizer: memory, shapes, rates, settings."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from foreign import LAYOUT, Recorder, Refuses, Replaces, at_work, named  # noqa: E402

from optbench import ComponentError, Context, Layout  # noqa: E402


def test_tensors_share_the_flat_vectors_memory_and_have_torchs_shapes():
    optimizer, params, grads, state, context = at_work(Recorder)
    before = params.copy()
    optimizer.step(params, grads, state, context)
    seen = Recorder.seen
    assert seen["shapes"] == [(5, 4, 3, 2), (5,), (6, 7), (6,)]
    assert seen["addresses"] == [params[t.slice].ctypes.data for t in LAYOUT]
    assert [g.data_ptr() for g in seen["gradients"]] == [grads[t.slice].ctypes.data for t in LAYOUT]
    weight = LAYOUT.views(grads)["weight"]
    np.testing.assert_array_equal(seen["gradients"][2].numpy(), weight.T)
    kernel = LAYOUT.views(grads)["kernel"]  # height, width, channels, outputs
    np.testing.assert_array_equal(seen["gradients"][0].numpy(), kernel.transpose(3, 2, 0, 1))
    np.testing.assert_allclose(params, before - 0.1 * grads, rtol=1e-15)


@pytest.mark.parametrize(
    ("flags", "shapes"),
    [
        ({"flat"}, [(LAYOUT.size,)]),
        ({"matrix"}, [(5, 24), (5,), (6, 7), (6,)]),
        ({"copy"}, [(5, 4, 3, 2), (5,), (6, 7), (6,)]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_way_to_see_the_vector_makes_the_same_step(flags, shapes, dtype):
    optimizer, params, grads, state, context = at_work(Recorder, dtype, flags=frozenset(flags))
    expected = params - dtype(0.1) * grads
    optimizer.step(params, grads, state, context)
    assert Recorder.seen["shapes"] == shapes
    np.testing.assert_allclose(params, expected, rtol=1e-6 if dtype == np.float32 else 1e-15)
    own = Recorder.seen["addresses"][0] != params.ctypes.data
    assert own == ("copy" in flags)


def test_copies_are_contiguous_and_see_what_a_constraint_changed():
    optimizer, params, grads, state, context = at_work(Recorder, flags=frozenset({"copy"}))
    optimizer.step(params, grads, state, context)
    assert all(g.is_contiguous() for g in Recorder.seen["gradients"])
    params[:] = 1.0
    optimizer.step(params, grads, state, context)
    np.testing.assert_allclose(params, 1.0 - 0.1 * grads)


def test_memory_that_was_replaced_comes_back():
    optimizer, params, grads, state, context = at_work(Replaces)
    expected = params - 0.3 * grads
    for _ in range(3):
        optimizer.step(params, grads, state, context)
    np.testing.assert_allclose(params, expected)


def test_other_arrays_may_be_handed_over():
    optimizer, params, grads, state, context = at_work(Recorder)
    optimizer.step(params, grads, state, context)
    at, gradient = params.copy(), grads.copy()
    left = params.copy()
    optimizer.step(at, gradient, state, context)
    np.testing.assert_array_equal(params, left)
    np.testing.assert_allclose(at, left - 0.1 * gradient)


def test_the_schedules_factor_multiplies_the_rate():
    optimizer, params, grads, state, context = at_work(Recorder)
    for factor, rate in [(1.0, 0.1), (0.5, 0.05), (0.25, 0.025), (1.0, 0.1)]:
        context.factor = factor
        optimizer.step(params, grads, state, context)
        assert Recorder.seen["rate"] == rate


def test_a_loaded_run_knows_its_factor_and_its_own_rates():
    optimizer, params, grads, state, context = at_work(Recorder)
    context.factor = 0.5
    optimizer.step(params, grads, state, context)
    state = optimizer.load(optimizer.save(state), params, LAYOUT)
    optimizer.step(params, grads, state, context)
    assert Recorder.seen["rate"] == 0.05
    context.factor = 1.0
    optimizer.step(params, grads, state, context)
    assert Recorder.seen["rate"] == 0.1


def test_settings_are_the_constructors():
    adamw = named("torch/adamw")(lr=0.02, beta1=0.8, beta2=0.9, weight_decay=0.5)
    state = adamw.init(np.zeros(LAYOUT.size), LAYOUT)
    group = state["torch"].optimizers[0].param_groups[0]
    assert (group["lr"], group["betas"], group["weight_decay"]) == (0.02, (0.8, 0.9), 0.5)
    spec = named("torch/adamw").hyperparameters()
    assert next(iter(spec)) == "lr"
    assert (spec["lr"].low, spec["lr"].high, spec["lr"].scale) == (1e-5, 0.1, "log")
    assert not spec["beta1"].searchable


def test_what_the_constructor_refuses_is_a_settings_error():
    with pytest.raises(ComponentError, match="torch/adamw: Invalid beta"):
        named("torch/adamw")(beta1=2.0).init(np.zeros(LAYOUT.size), LAYOUT)


def test_muon_leaves_vectors_to_adamw():
    muon = named("torch/muon")(lr=0.1, adamw_lr=0.01)
    params, grads = np.zeros(LAYOUT.size), np.ones(LAYOUT.size)
    state = muon.init(params, LAYOUT)
    first, second = state["torch"].optimizers
    assert [tuple(p.shape) for p in first.param_groups[0]["params"]] == [(5, 24), (6, 7)]
    assert [tuple(p.shape) for p in second.param_groups[0]["params"]] == [(5,), (6,)]
    context = Context(LAYOUT)
    context.factor = 0.5
    muon.step(params, grads, state, context)
    np.testing.assert_allclose(LAYOUT.views(params)["bias"], -0.005, rtol=1e-6)  # Adam's first step: the rate
    assert first.param_groups[0]["lr"] == 0.05


def test_what_is_not_finite_is_a_divergence_and_anything_else_an_error():
    optimizer, params, grads, state, context = at_work(Refuses)
    with pytest.raises(ValueError, match="refused"):
        optimizer.step(params, grads, state, context)
    grads[3] = np.inf
    optimizer.step(params, grads, state, context)
    assert np.isnan(params).all()


def test_empty_tensors_are_left_out():
    layout = Layout.of({"a": (2, 3), "none": (0, 4), "b": (3,)})
    optimizer, params, grads, state, context = at_work(Recorder, layout=layout)
    expected = params - 0.1 * grads
    optimizer.step(params, grads, state, context)
    assert Recorder.seen["shapes"] == [(3, 2), (3,)]
    np.testing.assert_allclose(params, expected)
    for flags in ({"flat"}, set()):
        optimizer, params, grads, state, context = at_work(Recorder, layout=Layout([]), flags=frozenset(flags))
        optimizer.step(params, grads, state, context)
