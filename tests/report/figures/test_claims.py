import numpy as np
import pandas as pd

from optbench.report import figures

from .drawn import draw, texts


def test_claims_show_verdicts_by_colour_and_shape(few):
    figure = figures.claims_forest(few.claims())
    markers = {line.get_marker() for line in figure.axes[0].lines} - {"None", ""}
    assert len(markers) == 3
    assert "0.8 [0.75, 0.84] accuracy, 10 seeds" in texts(figure)


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
    assert "∞ [2, ∞], 3 seeds" in texts(figure)
