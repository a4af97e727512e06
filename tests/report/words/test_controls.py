"""What controls say of the installation that judged them."""

import pandas as pd
import pytest

from optbench.report.words.controls import claims_headline, contradicted, controls_verdict


def judged(*rows):
    """Claims from (statement, expect, verdict)."""
    claims = pd.DataFrame(rows, columns=["statement", "expect", "verdict"])
    return claims.assign(effect=0.5, low=0.25, high=0.75, unit="relative", margin=0.05, reason="")


TRUE = ("A is faster", "difference", "supported")
NOTHING = ("A is A", "equivalence", "supported")


def test_all_as_it_should_be():
    headline, sentences = controls_verdict(judged(TRUE, NOTHING, ("B is B", "equivalence", "undecided")))
    assert headline.startswith("The controls hold")
    assert sentences[0] == "It tells 1 of 1 differences that are known to be there."
    assert "nothing in 2 of 2" in sentences[1]
    assert "calls 1 of them equal" in sentences[1]
    assert not contradicted(judged(TRUE, NOTHING))


@pytest.mark.parametrize("expect", ["difference", "equivalence"])
def test_a_refuted_truth_is_a_contradiction(expect):
    claims = judged(TRUE, NOTHING, ("X", expect, "refuted"))
    headline, sentences = controls_verdict(claims)
    assert headline == "The controls fail: 1 of 3 known truths is contradicted."
    assert any(text.startswith("Contradicted: X (0.50 [0.25, 0.75] relative") for text in sentences)
    assert contradicted(claims)


def test_a_difference_that_is_not_told_is_named_and_no_contradiction():
    claims = judged(TRUE, ("X", "difference", "undecided"))
    headline, sentences = controls_verdict(claims)
    assert headline == "No known truth is contradicted, but 1 of 2 differences are not told."
    assert any(text.startswith("Not told: X") for text in sentences)
    assert not contradicted(claims)


def test_without_an_effect_the_reason_is_told():
    claims = judged(("X", "difference", "undecided")).assign(effect=float("nan"), reason="no target")
    assert "Not told: X (no target)." in controls_verdict(claims)[1]
    assert controls_verdict(claims.head(0)) == ("No control was judged.", [])


def test_only_controls_judge_the_installation():
    claims = judged(TRUE)
    assert "controls" in claims_headline({"controls": True}, claims)[0]
    assert claims_headline({}, claims)[0] == "1 of 1 claims are supported by the data."
