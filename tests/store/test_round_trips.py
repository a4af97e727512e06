"""What goes into a store comes out, bit for bit."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError
from optbench.store.packing import pack, pack_array, unpack, unpack_array
from optbench.store.store import Store
from optbench.trials.trial import OUTCOMES, Run
from support.stores import measurement, trial

numbers = st.floats(allow_nan=True, allow_infinity=True)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)  # lone surrogates: a test of their own
counts = st.integers(0, 2**53)
measurements = st.builds(Measurement, counts, numbers, counts, *[numbers] * 7)
runs = st.builds(
    Run,
    outcome=st.sampled_from(OUTCOMES),
    measurements=st.lists(measurements, max_size=4).map(tuple),
    kept=st.integers(-1, 3),
    test_loss=numbers,
    test_metric=numbers,
    message=text,
    traceback=text,
    metrics=st.dictionaries(text, numbers, max_size=3),
    arrays=st.dictionaries(
        text,
        st.sampled_from(["<f8", ">f8", "<f4", "|b1", "<i8", ">i4", "|u1", "<c16"]).flatmap(
            lambda dtype: arrays(np.dtype(dtype), array_shapes(min_dims=0, min_side=0, max_side=3))
        ),
        max_size=2,
    ),
)


def bits(value):
    return struct.pack("<d", value)


def same(one, two):
    """Whether two runs are equal to the bit."""
    flat = [[x for m in run.measurements for x in vars(m).values()] for run in (one, two)]
    heads = [[run.test_loss, run.test_metric, *run.metrics.values()] for run in (one, two)]
    plain = [(run.outcome, run.kept, run.message, run.traceback, list(run.metrics)) for run in (one, two)]
    return (
        plain[0] == plain[1]
        and list(map(bits, flat[0])) == list(map(bits, flat[1]))
        and list(map(bits, heads[0])) == list(map(bits, heads[1]))
        and list(one.arrays) == list(two.arrays)
        and all(
            a.shape == b.shape and a.astype(b.dtype).tobytes() == b.tobytes()
            for a, b in zip(one.arrays.values(), two.arrays.values(), strict=True)
        )
    )


@given(run=runs)
def test_a_packed_run_comes_back_to_the_bit(run):
    copies = {name: unpack_array(*pack_array(name, value)[1:]) for name, value in run.arrays.items()}
    assert same(run, unpack(pack(run), copies))


@settings(max_examples=25, deadline=None)
@given(kept=st.lists(runs, min_size=1, max_size=3))
def test_a_stored_run_comes_back_to_the_bit(tmp_path_factory, kept):
    path = tmp_path_factory.mktemp("store") / "store.sqlite"
    with Store(path, create=True) as store:
        for seed, run in enumerate(kept):
            store.add(trial(seed), run)
    with Store(path, readonly=True) as store:
        for seed, run in enumerate(kept):
            assert same(run, store.run(trial(seed).key))
        assert [t for t, _ in store.runs()] == [trial(seed) for seed in range(len(kept))]
        assert all(same(a, b) for a, (_, b) in zip(kept, store.runs(), strict=True))


def test_numpy_scalars_and_lone_surrogates_are_stored_as_plain_values(tmp_path):
    run = Run(
        "done", (measurement(np.int64(3), np.float32(0.5)),), np.int64(0), np.float32(0.25), message="a\udc80"
    )
    with Store(tmp_path / "s", create=True) as store:
        store.add(trial(), run)
        back = store.run(trial().key)
    assert back.measurements[0].step == 3
    assert back.measurements[0].train_loss == 0.5
    assert back.test_loss == 0.25
    assert back.message == "a\\udc80"


def test_an_array_of_objects_is_refused_and_nothing_of_its_batch_is_kept(tmp_path):
    bad = Run("done", arrays={"path": np.array([object()])})
    with Store(tmp_path / "s", create=True) as store:
        with pytest.raises(OptbenchError, match=r"'path'.*object"):
            store.add_all([(trial(0), Run("done")), (trial(1), bad)])
        assert store.finished() == set()
