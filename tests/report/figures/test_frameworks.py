import numpy as np
import pytest

from optbench.lab.frameworks.same import FRAMEWORKS, Training
from optbench.report import figures

from .drawn import draw


@pytest.fixture
def trainings():
    costs = np.linspace(2.0, 1.0, 20)
    weights = {"W1": np.ones(2)}
    ours, theirs = Training(FRAMEWORKS[0], "2", costs, weights), Training(FRAMEWORKS[1], "3", costs.copy(), weights)
    theirs.costs[7] *= 1 + 4e-15
    return [ours, theirs, Training(FRAMEWORKS[2], problem="not installed: pip install jax optax")]


def test_differences_from_numpy_are_shares_of_the_cost_and_what_did_not_run_is_named(trainings):
    figure = figures.frameworks(trainings)
    draw(figure)
    cost, apart = figure.axes
    assert len(cost.lines) == 2
    gap = apart.lines[0].get_ydata()
    assert gap[7] == pytest.approx(4e-15, rel=0.1)
    assert (np.delete(gap, 7) == 1e-17).all()
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said == ["NumPy 2", "torch 3", "JAX: not installed: pip install jax optax"]


def test_numpy_alone_says_so(trainings):
    assert "No other framework" in figures.frameworks(trainings[:1]).axes[1].get_title(loc="left")
