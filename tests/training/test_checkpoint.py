import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from optbench.contract.errors import OptbenchError
from optbench.training import checkpoint

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
numbers = arrays(st.sampled_from([np.float32, np.float64, np.int64]), array_shapes(max_dims=3, max_side=4))
trees = st.recursive(
    scalars | numbers,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def same(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b and type(a) is type(b)


@settings(deadline=None, max_examples=60)
@given(tree=trees)
def test_a_tree_comes_back_bit_for_bit(tree, tmp_path_factory):
    path = tmp_path_factory.mktemp("c") / "checkpoint.npz"
    checkpoint.save(path, tree)
    assert same(tree, checkpoint.load(path))


def test_a_generator_state_survives(tmp_path):
    rng = np.random.default_rng(5)
    rng.random(7)
    checkpoint.save(tmp_path / "c.npz", dict(rng.bit_generator.state))
    again = np.random.default_rng()
    again.bit_generator.state = checkpoint.load(tmp_path / "c.npz")
    assert (again.random(5) == rng.random(5)).all()


@pytest.mark.parametrize("keep", [0, 10, 0.5, -20])
def test_a_cut_off_checkpoint_is_refused_and_the_previous_one_kept(tmp_path, keep):
    path = tmp_path / "checkpoint.npz"
    checkpoint.save(path, {"step": 1, "w": np.arange(50.0)})
    checkpoint.save(path, {"step": 2, "w": np.arange(50.0)})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    with pytest.raises(OptbenchError, match=r"not a whole checkpoint.*to go on from that, rename .*previous"):
        checkpoint.load(path)
    assert checkpoint.load(checkpoint.previous(path))["step"] == 1


def test_another_version_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "VERSION", 99)
    checkpoint.save(tmp_path / "c.npz", {})
    monkeypatch.undo()
    with pytest.raises(OptbenchError, match="version 99, this optbench reads 1"):
        checkpoint.load(tmp_path / "c.npz")


def test_a_pickle_inside_is_never_read(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (print, ("executed",))

    np.savez(tmp_path / "c.npz", tree=np.array(Bomb(), dtype=object), digest=np.array(""))
    with pytest.raises(OptbenchError, match="not a whole checkpoint"):
        checkpoint.load(tmp_path / "c.npz")


def test_a_state_of_other_things_says_what_may_be_saved(tmp_path):
    with pytest.raises(OptbenchError, match="holds a set"):
        checkpoint.save(tmp_path / "c.npz", {"a": {1, 2}})
    with pytest.raises(OptbenchError, match="Python objects"):
        checkpoint.save(tmp_path / "c.npz", {"a": np.array([object()])})
