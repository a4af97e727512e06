"""A stored trial's network over the plane: the training that was, and its answers by other means."""

import numpy as np
import pytest

from optbench.lab.boundaries import planar, plane
from optbench.lab.single import trial
from optbench.registry.registry import registry


@pytest.mark.parametrize("workload", ["moons-search", "wine-search"])
def test_two_inputs_and_two_classes_are_planar(workload):
    assert planar(trial(registry(), workload, "fundamentals"), registry()) == (workload == "moons-search")


def test_descent_finds_the_moons_and_its_picture_is_right_where_the_examples_are():
    asked = trial(registry(), "moons-search", "fundamentals")
    found, again = plane(asked, registry()), plane(asked, registry())
    assert np.array_equal(found.chance, again.chance)
    # the nearest point of the grid knows nearly as many training examples as the network itself was measured to
    column = np.abs(found.across - found.x[:, :1]).argmin(axis=1)
    row = np.abs(found.up - found.x[:, 1:]).argmin(axis=1)
    share = np.mean((found.chance[row, column] > 0.5) == found.y)
    assert share == pytest.approx(found.run.measurements[-1].train_metric, abs=0.03)
    assert share > 0.8
