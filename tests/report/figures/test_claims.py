import numpy as np
import pandas as pd

from optbench.report import figures

from .drawn import draw, texts


def test_claims_show_verdicts_by_colour_and_shape(few):
    figure = figures.claims_forest(few.claims())
    markers = {line.get_marker() for line in figure.axes[0].lines} - {"None", ""}
    assert len(markers) == 3
    assert "0.80 [0.75, 0.84] accuracy, 10 seeds" in texts(figure)


def test_claims_without_a_measurable_effect():
    claims = pd.DataFrame(
        {
            "statement": ["a", "b"],
            "verdict": ["undecided", "supported"],
            "effect": [np.nan, np.inf],
            "low": [np.nan, 2.0],
            "high": [np.nan, np.inf],
            "seeds": [np.nan, 3],
        }
    )
    figure = figures.claims_forest(claims)
    draw(figure)
    assert "∞ [2.00, ∞], 3 seeds" in texts(figure)


def test_effects_stand_by_how_many_half_widths_of_their_interval_they_are_from_0():
    claims = pd.DataFrame(
        {
            "statement": ["clear", "open", "equal", "the same in every pair"],
            "verdict": ["supported", "undecided", "supported", "supported"],
            "effect": [0.5, 1.0, -0.1, 0.0],
            "low": [0.4, -1.0, -0.2, 0.0],
            "high": [0.6, 3.0, 0.0, 0.0],
            "seeds": 10,
            "margin": [0.0, 0.0, 0.4, 0.05],
            "expect": ["difference", "difference", "equivalence", "equivalence"],
        }
    )
    axis = figures.claims_forest(claims).axes[0]
    dots = {line.get_ydata()[0]: line.get_xdata()[0] for line in axis.lines if line.get_marker() in ("o", "D")}
    np.testing.assert_allclose([dots[row] for row in range(4)], [5.0, 0.5, -1.0, 0.0])
    bars = {line.get_ydata()[0]: line.get_xdata() for line in axis.lines if len(line.get_xdata()) == 2}
    np.testing.assert_allclose(bars[1], [-0.5, 1.5])
    bands = [band.get_paths()[0].get_extents().intervalx for band in axis.collections]
    np.testing.assert_allclose(bands[0], [-4.0, 4.0])
    assert axis.get_xlim()[0] <= -1.0 * 1.1
    assert axis.get_xlim()[1] >= 5.0 * 1.1  # no mark at the edge
    assert bands[1][1] > axis.get_xlim()[1]  # of no width: any margin is infinitely many
