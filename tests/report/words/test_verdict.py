import pandas as pd
import pytest

from optbench.report.words.verdict import claims_verdict, listing, verdict
from optbench.statistics import Standing


def board(*rows):
    frame = pd.DataFrame(rows, columns=["candidate", "score", "score_low", "score_high"])
    return frame.set_index("candidate")


def test_a_winner_is_named_only_when_intervals_are_apart():
    headline, sentences = verdict(board(("adam", 0.9, 0.8, 0.95), ("sgd", 0.5, 0.4, 0.6)))
    assert headline == "adam wins with a score of 0.90 [0.80, 0.95]."
    assert "sgd" in sentences[0]


def test_overlap_is_undecided_and_names_all_who_are_level():
    headline, sentences = verdict(
        board(("adam", 0.9, 0.7, 0.95), ("nadam", 0.8, 0.6, 0.85), ("sgd", 0.2, 0.1, 0.3))
    )
    assert headline == "Undecided between adam and nadam: their 95 % intervals overlap."
    assert any("sgd" in s for s in sentences)


def test_the_order_of_rows_does_not_decide():
    assert verdict(board(("sgd", 0.5, 0.4, 0.6), ("adam", 0.9, 0.8, 0.95)))[0].startswith("adam wins")


def test_without_intervals_nothing_is_decided():
    rows = board(("adam", 0.9, None, None), ("sgd", 0.5, None, None))
    assert verdict(rows)[0].startswith("Undecided")


@pytest.mark.parametrize("rows", [(), (("adam", float("nan"), 0, 0),)])
def test_no_score_no_verdict(rows):
    assert verdict(board(*rows))[0].startswith("No verdict")


def test_nobody_reached_a_target():
    assert "no candidate reached" in verdict(board(("a", 0.0, 0.0, 0.0), ("b", 0.0, 0.0, 0.0)))[0]


def test_alone():
    rows = board(("adam", 1.0, 1.0, 1.0)).assign(
        solved=0.75, ratio_to_baseline=0.5, ratio_low=0.4, ratio_high=0.7, compared=4
    )
    headline, sentences = verdict(rows, "sgd")
    assert headline.startswith("adam ran alone")
    assert sentences == [
        "adam met the target in 75 % of its runs and took 0.50 [0.40, 0.70] times the steps of sgd "
        "(on the 4 workloads that both solved)."
    ]


def test_without_any_target_the_interquartile_mean_decides():
    rows = board(("adam", None, None, None), ("sgd", None, None, None)).assign(
        iqm=[0.5, 0.9], iqm_low=[0.4, 0.85], iqm_high=[0.6, 0.95]
    )
    assert verdict(rows)[0] == "sgd wins with an interquartile mean of 0.90 [0.85, 0.95]."


def standing(winners, effect=0.5, unit="ratio", word="better"):
    versus = pd.DataFrame(
        {
            "candidate": ["nadam", "sgd"], "effect": [0.9, effect], "low": [0.8, 0.4], "high": [1.1, 0.625],
            "verdict": ["better" if winners == ["adam"] else "undecided", word], "workloads": [3, 3],
        }
    )  # fmt: skip
    return Standing("adam", winners, winners == ["adam"], "steps", unit, 3, versus, "sgd")


THREE = board(("adam", 0.9, 0.7, 0.95), ("nadam", 0.8, 0.6, 0.85), ("sgd", 0.2, 0.1, 0.3)).assign(solved=0.75)


def test_paired_tests_decide_where_there_are_any():
    headline, sentences = verdict(THREE, "sgd", standing(["adam"]))
    assert headline == "adam wins with a score of 0.90 [0.70, 0.95]."
    assert sentences == [
        "Next comes nadam with 0.80 [0.60, 0.85]; paired tests tell the first from all others.",
        "adam met the target in 75 % of its runs.",
        "Seed by seed it took 0.50 [0.40, 0.62] times the steps of sgd on 3 workloads, which is better.",
    ]


def test_who_is_not_told_apart_is_level_with_the_first():
    headline, sentences = verdict(THREE, "sgd", standing(["adam", "nadam"]))
    assert headline == "Undecided between adam and nadam: paired tests do not tell them apart."
    assert sentences[-1] == "Behind, with the settings that this budget found: sgd."


def test_where_nobody_is_told_apart_the_headline_says_so():
    headline, sentences = verdict(THREE, "sgd", standing(["adam", "nadam", "sgd"], word="undecided"))
    assert headline == "Undecided: none of the 3 candidates is told apart from the first, adam."
    assert "which is undecided" in sentences[-1]


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
