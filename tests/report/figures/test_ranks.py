import pandas as pd
import pytest

from optbench.report import figures

from .drawn import draw, texts


def test_the_rank_diagram_joins_who_is_not_told_apart():
    ranks = pd.Series({"a": 1.2, "b": 1.9, "c": 2.9})
    figure = figures.rank_diagram(ranks, [["a", "b"]], 1.5)
    axis = figure.axes[0]
    bars = [line for line in axis.lines if line.get_linewidth() > 3]
    assert [bar.get_xdata() for bar in bars] == [pytest.approx([1.16, 1.94])]
    assert {"a   1.20", "b   1.90", "2.90   c", "Nemenyi's critical difference 1.50"} <= set(texts(figure))
    draw(figure)
