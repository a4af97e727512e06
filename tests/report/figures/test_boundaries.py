import numpy as np

from optbench.lab.boundaries import Plane
from optbench.report import figures
from optbench.trials.trial import Run


def straight(slope):
    """A network that tells classes by the first input alone, or nothing at all where the slope is 0."""
    across, up = np.linspace(-2, 2, 41), np.linspace(-1, 1, 41)
    chance = np.tile(1 / (1 + np.exp(-slope * (across - 0.5))), (41, 1))
    x = np.array([[-1.0, 0.0], [1.0, 0.5], [0.2, -0.5]])
    return Plane(x, np.array([0, 1, 0]), across, up, chance, Run("done"))


def test_the_line_is_at_one_half_and_each_class_has_its_marks():
    made = figures.decision_boundaries({"told": straight(4), "blind": straight(0)}, {"told": 0.975, "blind": 0.5})
    told, blind = made.axes
    assert [axis.get_title(loc="left") for axis in made.axes] == ["told: 0.97", "blind: 0.50"]
    line = told.collections[-1].get_paths()[0].vertices
    assert np.allclose(line[:, 0], 0.5, atol=0.01)
    assert len(told.collections) == 2
    assert len(blind.collections) == 1  # no line where nothing changes
    for axis in made.axes:
        assert [len(marks.get_xdata()) for marks in axis.lines] == [2, 1]
        assert len({marks.get_marker() for marks in axis.lines}) == 2
