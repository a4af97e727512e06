"""What must not matter to an optimizer: names, the order of tensors and units; and what it claims does not."""

from typing import Any
from unittest import SkipTest

from optbench.contract.components import INVARIANCES
from optbench.contract.errors import near
from optbench.lab.invariances import ROUNDING_ERROR, invariance
from optbench.testing.base import expect, made

__all__ = [
    "check_permuted_units",
    "check_renamed_tensors",
    "check_reordered_tensors",
    "check_scaled_loss",
    "check_turned_matrices",
]


def check_permuted_units(component: Any) -> None:
    """A network whose features, hidden units and classes change places is trained as before, unit for unit."""
    _holds(
        component,
        "permuted units",
        "treat all units of a tensor alike: neither the first nor the last row is special, and neighbours in the flat "
        "vector have nothing in common",
    )


def check_renamed_tensors(component: Any) -> None:
    """Tensors of other names are trained as before."""
    _holds(component, "renamed tensors", "tell tensors apart by role, part and shape, not by name")


def check_reordered_tensors(component: Any) -> None:
    """Tensors in another order in the flat vector are trained as before."""
    _holds(
        component,
        "reordered tensors",
        "take a tensor's place from tensor.slice, and what it is from its role, part and layer, not from where it lies",
    )


def check_scaled_loss(component: Any) -> None:
    """Where `invariances` names "scale", a loss times 1024 gives the same path, but for an eps beside the gradient."""
    _holds(component, "scaled loss", 'divide by something of the gradient\'s size, or do not claim "scale"')


def check_turned_matrices(component: Any) -> None:
    """Where `invariances` names "rotation", a network whose weight matrices are U W V' is trained as before."""
    _holds(component, "turned matrices", 'use sums, products and norms of matrices only, or do not claim "rotation"')


def _holds(component: Any, case: str, hint: str) -> None:
    one = made(component)
    for name in one.invariances():
        expect(name in INVARIANCES, f"invariances() names {name!r}: {near(str(name), INVARIANCES)}")
    found = invariance(one, case)
    if found.word == "random":
        raise SkipTest(f"with {case} it goes another way, which may be its draws: it draws places, or seeds")
    if found.word == "rounding":
        raise SkipTest(f"with {case} it goes another way, as it does from a start with an error of {ROUNDING_ERROR}")
    expect(
        found.word != "changes",
        f"with {case} a network is trained otherwise, by {found.difference:.2g} of the way within some steps: {hint}",
    )
