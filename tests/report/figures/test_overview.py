import pandas as pd

from optbench.report import figures

from .drawn import draw


def test_the_overview_has_a_mark_for_each_claim_in_its_topics_row():
    claims = pd.DataFrame(
        {
            "topic": ["a", "b", "a"],
            "statement": ["x", "y", "z"],
            "verdict": ["supported", "refuted", "undecided"],
        }
    )
    figure = figures.claims_overview(claims)
    axis = figure.axes[0]
    places = [(line.get_xdata()[0], line.get_ydata()[0], line.get_marker()) for line in axis.lines]
    assert places == [(0, 0, "o"), (1, 0, "D"), (0, 1, "X")]
    assert [t.get_text() for t in axis.get_legend().get_texts()] == ["1 supported", "1 refuted", "1 undecided"]
    draw(figure)
