"""Every built-in keeps what it claims and claims what it keeps; the field is a network's; draws are told apart."""

from dataclasses import dataclass

import numpy as np
import pytest

from optbench import Optimizer
from optbench.builtin import optimizers
from optbench.lab.alike import Alike
from optbench.lab.field import field
from optbench.lab.invariances import (
    cases,
    compared,
    difference,
    invariance,
    invariances,
    same,
    steady,
    trained,
)

#: what holds here and is not claimed, as it does not hold everywhere
UNCLAIMED = {
    # The first step is shorter where |g|_1 is above 1, as it is here, and not below.
    ("lbfgs", "scaled loss"),
    # No gradient of a turned matrix reaches the limit here.
    ("clip-value", "turned matrices"),
    # Every gradient of 1024 times the loss is cut to the limit, as one of a larger loss is; those of this loss are not.
    ("clip-norm", "scaled loss"),
    ("mars", "scaled loss"),
    # With an eps of 0.01 it does not hold: that decides the step where no gradient of a matrix was before.
    ("caspr", "scaled loss"),
}


def test_the_gradient_is_the_derivative_of_the_loss():
    whole = field()
    for step in range(4):
        _, gradient = whole(step, whole.start)
        for coordinate, e in enumerate(1e-6 * np.eye(whole.layout.size)):
            slope = (whole(step, whole.start + e)[0] - whole(step, whole.start - e)[0]) / 2e-6
            assert slope == pytest.approx(gradient[coordinate], abs=1e-8)


def test_a_network_of_permuted_units_is_the_same_function():
    """Not only are coordinates renumbered: the network itself, with its units in other places, has the same loss where
    the inputs, tokens and classes of its data are permuted alike."""
    whole, case = field(), cases()["permuted units"]
    first, last = case.layout.views(case.to(whole.start)), whole.layout.views(whole.start)
    features = [int(np.flatnonzero((np.sort(last["1.dense.weights"]) == np.sort(row)).all(axis=1))[0])
                for row in first["1.dense.weights"]]  # fmt: skip
    tokens = [int(np.flatnonzero((np.sort(last["0.embedding.table"]) == np.sort(row)).all(axis=1))[0])
              for row in first["0.embedding.table"]]  # fmt: skip
    classes = [int(np.flatnonzero(last["4.dense.bias"] == b)[0]) for b in first["4.dense.bias"]]
    permuted = type(whole)(
        whole.layout, whole.start, whole.x[..., features], whole.tokens[..., tokens], whole.y[..., classes]
    )
    assert sorted(features) == list(range(5))
    assert features != list(range(5))
    for step in range(4):
        loss, gradient = whole(step, whole.start)
        other, turned = permuted(step, case.to(whole.start))
        assert other == pytest.approx(loss, rel=1e-12)
        assert turned == pytest.approx(case.to(gradient), abs=1e-12)


@pytest.mark.parametrize("name", cases())
def test_a_change_is_undone_and_moves_something(name):
    case, vector = cases()[name], np.arange(1.0, field().layout.size + 1)
    assert case.back(case.to(vector)) == pytest.approx(vector)
    assert np.linalg.norm(case.to(vector)) == pytest.approx(np.linalg.norm(vector))
    assert case.layout.size == field().layout.size
    offsets = np.cumsum([0, *(t.size for t in case.layout)])[:-1]
    assert [t.offset for t in case.layout] == list(offsets)
    if name not in ("renamed tensors", "scaled loss"):
        hidden = field().layout.views(case.to(vector))["1.dense.weights"]
        assert not np.isclose(hidden, field().layout.views(vector)["1.dense.weights"]).any()


def test_names_and_order_of_the_changed_layouts():
    plain = [t.name for t in field().layout]
    renamed = [t.name for t in cases()["renamed tensors"].layout]
    assert not set(plain) & set(renamed)
    assert sorted(renamed) == renamed[::-1]
    assert [t.name for t in cases()["reordered tensors"].layout] == plain[::-1]


@pytest.mark.parametrize("cls", optimizers.ALL, ids=lambda cls: cls.name)
def test_a_built_in_claims_what_it_keeps(cls, monkeypatch):
    claimed = cls().invariances()
    monkeypatch.setattr(cls, "invariances", lambda self: ("scale", "rotation"))
    path, drew = trained(cls(), same())
    for claim, case in (("scale", "scaled loss"), ("rotation", "turned matrices")):
        if (cls.name, case) not in UNCLAIMED:
            kept = compared(cls(), cases()[case], path, drew).word in ("holds", "but for eps")
            assert (claim in claimed) == kept, case


def test_a_wrapper_claims_what_its_inner_does():
    assert optimizers.EMA(inner=optimizers.SGD()).invariances() == ("rotation",)
    assert optimizers.EMA(inner=optimizers.Muon()).invariances() == ("scale", "rotation")
    assert optimizers.Cautious(inner=optimizers.Muon()).invariances() == ("scale",)
    assert optimizers.ClipNorm(inner=optimizers.Muon()).invariances() == ("rotation",)
    assert optimizers.AdaGrad(initial=0.1).invariances() == ()


def words(optimizer):
    return {found.case: found.word for found in invariances(optimizer)}


def test_words_of_methods_that_are_known():
    assert words(optimizers.SGD()) == {
        "permuted units": "holds",
        "renamed tensors": "holds",
        "reordered tensors": "holds",
        "scaled loss": "not claimed",
        "turned matrices": "holds",
    }
    # eps within the root cuts gradients below 1e-4 off
    assert words(optimizers.RMSpropInside())["scaled loss"] == "but for eps"
    assert words(optimizers.RMSpropInside(eps=1e-16))["scaled loss"] == "holds"


def test_draws_are_told_from_order():
    """Sophia draws a sign for each coordinate, and treats them alike; Kron's triangles do not."""
    sophia, kron = words(optimizers.Sophia()), words(optimizers.Kron())
    assert [sophia[case] for case in ("permuted units", "reordered tensors")] == ["but for draws"] * 2
    assert [kron[case] for case in ("permuted units", "reordered tensors")] == ["changes", "but for draws"]
    assert sophia["renamed tensors"] == kron["renamed tensors"] == "holds"


def test_rounding_is_told_from_order():
    """SOAP's bases are any where no gradient has been; where both sides are short enough there are none of these."""
    assert words(optimizers.SOAP())["permuted units"] == "rounding"
    assert words(optimizers.SOAP(largest=3))["permuted units"] == "holds"
    path = trained(optimizers.SOAP(), same())[0]
    assert steady(optimizers.SOAP(), path, 1e-6) < len(path)
    assert steady(optimizers.Adam(), trained(optimizers.Adam(), same())[0], 1e-6) == len(path)


@dataclass(frozen=True)
class OneByOne(Optimizer):
    """Random coordinate descent."""

    name = "one-by-one"
    reference = "Nesterov 2012, Efficiency of Coordinate Descent Methods on Huge-Scale Optimization Problems"

    def step(self, params, grads, state, context):
        place = int(context.rng.integers(0, len(params)))
        params[place] -= 0.1 * context.factor * grads[place]


def test_who_draws_places_cannot_be_told():
    assert invariance(OneByOne(), "permuted units").word == "random"
    assert invariance(OneByOne(), "renamed tensors").word == "holds"


def test_alike_gives_all_coordinates_the_same():
    rng = Alike()
    one, many = rng.normal(size=3), rng.normal(size=(4, 2))
    assert len({*one, *many.ravel()}) == 1
    assert rng.standard_normal(5, np.float32).dtype == np.float32
    assert list(rng.integers(0, 2, 9)) in ([0] * 9, [1] * 9)
    assert not rng.hidden
    assert sorted(rng.permutation(5)) == list(range(5))
    assert rng.hidden


def test_differences_are_shares_of_the_way():
    path = np.array([[1.0, 1.0], [3.0, 1.0]])
    assert difference(path, path) == 0
    assert difference(path, path + [[0, 0], [0, 0.5]]) == 0.25
    assert difference(path, np.array([[1.0, 1.0], [np.nan, 1.0]])) == np.inf
    still = np.ones((2, 2))
    assert difference(still, still) == 0
    assert difference(still, path) == np.inf
    gone = np.array([[1.0, 1.0], [2.0, 1.0], [np.inf, np.nan]])
    assert difference(gone, gone + [[0, 0], [0, 0.5], [0, 0]]) == 0.5
