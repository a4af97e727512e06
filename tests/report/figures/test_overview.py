import pandas as pd
import pytest

from optbench.report import figures
from optbench.report.pictures import formats
from optbench.report.pictures.marks import notes

from .drawn import draw, texts


def claims(verdicts, topics):
    statements = [f"statement {k}" for k in range(len(verdicts))]
    return pd.DataFrame({"topic": topics, "statement": statements, "verdict": verdicts})


def test_the_overview_has_a_numbered_mark_for_each_claim_in_its_topics_row():
    figure = figures.claims_overview(claims(["supported", "refuted", "undecided"], ["a", "b", "a"]))
    axis = figure.axes[0]
    places = [(line.get_xdata()[0], line.get_ydata()[0], line.get_marker()) for line in axis.lines]
    assert places == [(0, 0, "o"), (1, 0, "D"), (0, 1, "X")]
    assert texts(figure) == ["1", "2", "1"]
    assert [text.xy for text in axis.texts] == [place[:2] for place in places]
    assert [t.get_text() for t in axis.get_legend().get_texts()] == ["1 supported", "1 refuted", "1 undecided"]
    draw(figure)


def test_pointed_at_a_mark_says_which_claim_it_is_and_what_it_claims():
    figure = figures.claims_overview(claims(["supported", "refuted", "supported"], ["Adam", "Adam", None]))
    assert notes(figure).tips == [
        "Adam 1, supported: statement 0",
        "Adam 2, refuted: statement 1",
        "claim 1, supported: statement 2",
    ]


@pytest.mark.parametrize("many", [3, 24])
def test_every_verdict_of_the_legend_lies_within_what_the_page_shows(many):
    verdicts = (["supported", "refuted", "undecided"] * many)[:many]
    figure = figures.claims_overview(claims(verdicts, ["A topic whose name is as long as may be"] * many))
    formats.freeze(figure)
    axis = figure.axes[0]
    shown, whole = notes(figure).boxes[axis], axis.get_legend().get_window_extent()
    assert shown.x0 <= whole.x0
    assert whole.x1 <= shown.x1 + 1
    ends = [text.get_window_extent() for text in axis.texts]
    assert max(box.x1 for box in ends) <= shown.x1 + 1
