"""Interaction plots: levels from left to right, a line a level of the other factor, intervals at their numbers."""

import pandas as pd
import pytest

from optbench.report import figures

from .drawn import draw, texts


def table(**lines):
    rows = [
        (level, at, mean, mean - 0.1, mean + 0.1)
        for at, means in lines.items()
        for level, mean in zip(("constant", "warmup"), means, strict=True)
    ]
    return pd.DataFrame(rows, columns=["level", "at", "mean", "low", "high"])


def test_each_level_of_the_other_factor_is_a_line_with_intervals():
    steps, final = table(sgd=(1.2, 1.3), adam=(1.0, 0.6)), table(sgd=(0.0, 0.1), adam=(0.2, 0.3))
    figure = figures.interaction_plot({"steps": steps, "final": final}, "schedule", "optimizer")
    left, right = figure.axes
    assert [axis.get_title(loc="left") for axis in (left, right)] == [
        "Steps to target: lower is faster",
        "Final result: higher is better",
    ]
    assert (left.get_yscale(), right.get_yscale()) == ("log", "linear")
    assert [text.get_text() for text in left.get_xticklabels()] == ["constant", "warmup"]
    assert left.get_xlabel() == "schedule"
    lines = [list(line.get_ydata()) for line in left.lines]
    assert [1.2, 1.3] in lines
    assert [1.0, 0.6] in lines
    assert [pytest.approx(0.5), pytest.approx(0.7)] in lines
    assert {"sgd", "adam"} <= {text.get_text() for text in figure.legends[0].get_texts()}
    draw(figure)


def test_a_metric_without_cells_has_no_panel_and_without_any_the_figure_says_so():
    empty = table().iloc[:0]
    figure = figures.interaction_plot({"steps": empty, "final": table(sgd=(0.1, 0.2))}, "schedule", "optimizer")
    assert len(figure.axes) == 1
    assert texts(figures.interaction_plot({"steps": empty}, "schedule", "optimizer")) == [
        "No cell of this design has runs."
    ]


def test_single_seeds_have_no_interval():
    lone = table(sgd=(1.0, 1.1)).assign(low=float("nan"), high=float("nan"))
    draw(figures.interaction_plot({"steps": lone}, "schedule", "optimizer"))
