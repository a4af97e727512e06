import pandas as pd
import pytest

from optbench.report.words.verdict import claims_verdict, verdict
from optbench.statistics import Standing
from optbench.statistics.numerals import listing


def board(*rows):
    frame = pd.DataFrame(rows, columns=["candidate", "score", "score_low", "score_high"])
    return frame.set_index("candidate")


@pytest.mark.parametrize("rows", [(), (("adam", float("nan"), 0, 0),)])
def test_no_score_no_verdict(rows):
    assert verdict(board(*rows))[0].startswith("No verdict")


def test_nobody_reached_a_target():
    rows = board(("a", 0.0, 0.0, 0.0), ("b", 0.0, 0.0, 0.0))
    assert "no candidate reached" in verdict(rows, "a", Standing(("a", "b"), (), "a", ()))[0]


def test_alone():
    rows = board(("adam", 1.0, 1.0, 1.0)).assign(
        solved=0.75, ratio_to_baseline=0.5, ratio_low=0.4, ratio_high=0.7, compared=4
    )
    headline, sentences = verdict(rows, "sgd")
    assert headline.startswith("adam ran alone")
    assert sentences == ["adam met its targets in 75 % of its runs."]


def test_it_says_what_the_standing_says_and_how_many_runs_failed():
    rows = board(("adam", 0.9, 0.7, 0.95), ("sgd", 0.2, 0.1, 0.3)).assign(failures=[0, 3])
    standing = Standing(("adam", "sgd"), (), "sgd", ())
    headline, sentences = verdict(rows, "sgd", standing)
    assert headline == standing.headline()
    assert sentences == [*standing.sentences(), "3 runs on fresh seeds diverged or failed; all count in every score."]


def test_listing():
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(list("abcdef")) == "a, b, c and 3 more"


def test_the_headline_counts_claims():
    claims = pd.DataFrame({"verdict": ["supported", "refuted", "undecided"], "statement": ["A", "B", "C"]})
    assert claims_verdict(claims) == (
        "1 of 3 claims are supported by the data.",
        ["Refuted (1): B.", "Undecided (1): C."],
    )
    assert claims_verdict(claims.head(1))[1] == []
    assert "No verdict" in claims_verdict(claims.head(0))[0]


def test_the_headline_of_many_undecided_claims_is_no_wall_of_text():
    claims = pd.DataFrame({"verdict": ["undecided"] * 9, "statement": [f"S{i}" for i in range(9)]})
    assert claims_verdict(claims)[1] == ["Undecided (9): S0; S1; S2; S3; S4; and 4 more, told below."]
