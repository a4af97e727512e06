"""Claims of equality have the suite's margins, and a stored suite reads as it was."""

import pytest

from optbench.registry.registry import registry as everything
from optbench.suite import load, parse, validate

SUITE = """
title = "T"
equal = { time = 0.1, result = 0.02 }
[[workloads]]
name = "moons"
dataset = "two-moons"
network = "linear"
epochs = 2
target = { metric = "train_loss", value = 0.5 }
[[candidates]]
name = "adam"
[[candidates]]
name = "sgd"
optimizer = "sgd"
"""
CLAIM = '[[claims]]\nstatement = "s"\nworkload = "moons"\nequal = ["adam", "sgd"]\n'


@pytest.mark.parametrize(
    ("tail", "margin"),
    [
        ('metric = "steps_to_target"', 0.1),
        ('metric = "seconds_to_target"', 0.1),
        ('metric = "final_test_accuracy"', 0.02),
        ('metric = "final_test_accuracy"\nmargin = 0.3', 0.3),
        ('metric = "final_train_loss"\nmargin = 0.4', 0.4),
    ],
)
def test_the_margin_is_the_suites_unless_the_claim_has_its_own(tail, margin):
    suite = parse(SUITE + CLAIM + tail + "\n", "x.toml", everything())
    (claim,) = suite.claims
    assert (claim.better, claim.worse, claim.expect, claim.margin) == ("adam", "sgd", "equivalence", margin)
    assert validate(suite.model_dump(mode="json"), "store", everything()) == suite


def test_a_part_of_the_suite_has_the_claims_whose_candidates_are_all_there():
    claims = '[[claims]]\nstatement = "s"\nworkload = "moons"\nbetter = "adam"\nworse = "sgd"\n'
    claims += 'than = ["other", "sgd"]\nmetric = "steps_to_target"\n[[candidates]]\nname = "other"\n'
    suite = parse(SUITE + claims, "x.toml", everything())
    assert len(suite.limited(everything(), candidates=["adam", "sgd", "other"]).claims) == 1
    assert suite.limited(everything(), candidates=["adam", "sgd"]).claims == ()


def test_the_controls_are_tuned_on_nothing():
    suite = load("controls", everything())
    assert suite.controls
    assert suite.tuning.method == "none"
    for candidate in suite.candidates:
        assert candidate.optimizer["search"] == {}
    assert {claim.expect for claim in suite.claims} == {"difference", "equivalence"}
    assert all(claim.source for claim in suite.claims)
