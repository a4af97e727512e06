"""Where tensors lie in the flat vector."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.layout import Layout, Tensor
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.losses import SoftmaxCrossEntropy
from optbench.nn.network import Network

shapes = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.lists(st.integers(1, 4), max_size=4).map(tuple),
    min_size=1,
    max_size=6,
)


@given(shapes)
def test_views_are_the_vector_itself_in_order(shapes):
    layout = Layout.of(shapes)
    vector = np.arange(float(layout.size))
    views = layout.views(vector)
    assert {name: v.shape for name, v in views.items()} == shapes
    assert np.array_equal(np.concatenate([v.reshape(-1) for v in views.values()]), vector)
    assert all(np.shares_memory(v, vector) for v in views.values())


@given(shapes, st.integers(1, 3))
def test_views_of_a_stack_have_its_axis_first(shapes, stack):
    layout = Layout.of(shapes)
    rows = np.arange(float(stack * layout.size)).reshape(stack, -1)
    for name, view in layout.views(rows).items():
        assert view.shape == (stack, *shapes[name])
        assert np.array_equal(view[-1], layout.views(rows[-1])[name])


@given(st.lists(st.sampled_from(["weight", "bias", "scale", "shift", "point"]), min_size=1, max_size=8))
def test_weights_are_the_slices_of_the_masks(roles):
    tensors = [Tensor(str(i), (i + 1,), role, offset=i * (i + 1) // 2) for i, role in enumerate(roles)]
    layout = Layout(tensors)
    chosen = np.zeros(layout.size, bool)
    for part in layout.weights:
        assert not chosen[part].any()
        chosen[part] = True
    assert np.array_equal(chosen, layout.mask("weight") | layout.mask("point"))
    for before, after in zip(layout.weights, layout.weights[1:], strict=False):
        assert before.stop < after.start, "neighbours are merged"


def test_mask_is_cached_and_read_only():
    layout = Layout.of({"a": (2,)})
    assert layout.mask("weight") is layout.mask("weight")
    assert not layout.mask("weight").flags.writeable
    assert not layout.mask("bias").any()


def test_a_convolution_counts_its_window():
    layers = [Convolution(5), BatchNorm(), Dense(3)]
    layout = Network(layers, (4, 4, 2), SoftmaxCrossEntropy).layout
    weight, bias, scale, shift, dense, _ = layout
    assert (weight.shape, weight.fan_in, weight.fan_out) == ((3, 3, 2, 5), 18, 45)
    assert Layout.matrix(weight) == (18, 5)
    assert bias.offset == weight.size
    assert [scale.role, shift.role, scale.shape] == ["scale", "shift", (5,)]
    assert dense.shape == (80, 3)
    assert [t.layer for t in layout] == [0, 0, 1, 1, 3, 3], "a flatten is layer 2"


def test_scalar_and_vector_as_matrices():
    assert Layout.matrix(Tensor("a", (), "point")) == (1, 1)
    assert Layout.matrix(Tensor("a", (4,), "bias")) == (1, 4)
