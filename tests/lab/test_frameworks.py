"""One training in several frameworks: NumPy's against arithmetic written out here, the others against NumPy's."""

import runpy
import sys
from dataclasses import replace

import numpy as np
import pytest

from optbench import OptbenchError
from optbench.lab.frameworks import same
from optbench.lab.frameworks.experiment import experiment, save


@pytest.fixture(scope="module")
def given():
    return experiment()


def by_hand(given, steps):
    """Costs and weights of the first steps, with the derivatives written out."""
    names = ("W1", "b1", "W2", "b2")
    w = {name: given[name].copy() for name in names}
    v = {name: np.zeros_like(w[name]) for name in names}
    costs = []
    for batch in given["batches"][:steps]:
        x, hot = given["x"][batch], np.eye(10)[given["y"][batch]]
        z = x @ w["W1"] + w["b1"]
        a = np.maximum(z, 0)
        logits = a @ w["W2"] + w["b2"]
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        costs.append(-np.log((shares * hot).sum(axis=1)).mean())
        out = (shares - hot) / len(batch)
        back = (out @ w["W2"].T) * (z > 0)
        grads = {"W1": x.T @ back, "b1": back.sum(axis=0), "W2": a.T @ out, "b2": out.sum(axis=0)}
        for name in names:
            v[name] = 0.875 * v[name] + grads[name]
            w[name] = w[name] - 0.03125 * v[name]
    return costs, w


def test_the_program_in_numpy_is_the_arithmetic_written_out(given, tmp_path, monkeypatch):
    few = {**given, "batches": given["batches"][:5]}
    np.savez(tmp_path / "data.npz", **few)
    program = same.PROGRAMS / "in_numpy.py"
    monkeypatch.setattr(sys, "argv", [str(program), str(tmp_path / "data.npz"), str(tmp_path / "result.npz")])
    runpy.run_path(str(program), run_name="__main__")
    costs, weights = by_hand(given, 5)
    with np.load(tmp_path / "result.npz") as found:
        np.testing.assert_allclose(found["costs"], costs, rtol=1e-12)
        for name, tensor in weights.items():
            np.testing.assert_allclose(found[name], tensor, rtol=1e-9, atol=1e-12)


def test_the_batches_are_whole_epochs_and_the_file_holds_the_same(given, tmp_path):
    epochs = given["batches"].reshape(10, -1)
    assert (np.sort(epochs, axis=1) == np.arange(1024)).all()
    with np.load(save(tmp_path / "arrays")) as found:
        assert {name: found[name].tobytes() for name in found} == {k: np.array(v).tobytes() for k, v in given.items()}


def test_what_is_not_installed_and_what_fails_is_said(tmp_path, monkeypatch):
    absent = replace(same.framework("torch"), needs=("no_such_module_anywhere",))
    broken = same.Framework("broken", "Broken", (), "")
    monkeypatch.setattr(same, "FRAMEWORKS", (replace(broken, name="numpy"), absent, broken))
    monkeypatch.setattr(same, "PROGRAMS", tmp_path)
    (tmp_path / "in_numpy.py").write_text("import sys, numpy as np\nnp.savez(sys.argv[2], version='1', costs=[1.0],"
                                          "W1=[1.0], b1=[1.0], W2=[1.0], b2=[1.0])")  # fmt: skip
    (tmp_path / "in_broken.py").write_text("raise ValueError('no such layer')")
    first, second, third = same.same_training()
    assert (first.version, first.problem) == ("1", "")
    assert second.problem == "not installed: pip install torch"
    assert third.problem == "failed: ValueError: no such layer"


def test_a_difference_is_the_largest_of_costs_and_weights():
    one = same.Training(same.FRAMEWORKS[0], costs=np.array([1.0, 2.0]), weights={"W1": np.array([3.0, 4.0])})
    other = replace(one, costs=np.array([1.0, 2.002]))
    assert other.difference(one) == pytest.approx(1e-3)
    assert replace(one, weights={"W1": np.array([3.0, 4.5])}).difference(one) == pytest.approx(0.1)
    with pytest.raises(OptbenchError, match="'torhc'; did you mean 'torch'"):
        same.framework("torhc")


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["torch", "jax"])
def test_others_give_the_same_to_ten_digits(name):
    if missing := same.framework(name).missing:
        pytest.skip(f"{missing} not installed")
    ours, theirs = same.same_training([name])
    assert theirs.problem == ""
    assert len(theirs.costs) == 160
    assert theirs.costs[-1] < 0.1 * theirs.costs[0]
    assert theirs.difference(ours) < 1e-10


def test_programs_can_be_read_side_by_side():
    for one in same.FRAMEWORKS:
        assert max(map(len, one.program.splitlines())) <= 62, one.name
