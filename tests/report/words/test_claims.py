"""Verdicts in words: every number is that of the runs, and an undecided claim says what would decide it."""

import pytest

from optbench.report.words.claims import told, words
from optbench.statistics.claim_sides import Sides


def side(better, worse, missed=(0, 0), failed=(0, 0), noise=0.1, workload="w"):
    return Sides(workload, better, worse, missed, failed, (10, 10), noise)


def row(verdict, effect, low, high, unit="accuracy", reason=""):
    return {"verdict": verdict, "effect": effect, "low": low, "high": high, "seeds": 10, "unit": unit, "reason": reason}


def claim(metric, **changes):
    return {"better": "a", "worse": "b", "metric": metric, **changes}


NAMES = {"a": "He", "b": "Zeros"}


def test_a_difference_in_its_unit():
    said = told(
        claim("final_test_accuracy"), row("supported", 0.86, 0.82, 0.9), [side(0.97, 0.11)], NAMES
    )
    assert said == "Test accuracy: 0.97 (He) against 0.11 (Zeros). Higher by 0.86 [0.82, 0.90], ten seeds: supported."


def test_steps_with_misses_and_what_is_lower():
    said = told(
        claim("steps_to_target"), row("supported", 180, 100, 260, "steps"), [side(230, 410, missed=(0, 4))], NAMES
    )
    assert said == (
        "Steps to the target: 230 (He) against 410 (Zeros). Fewer by 180 [100, 260], ten seeds: supported. "
        "Zeros missed the target in 4 of 10 runs, which count as one step more than they had."
    )
    said = told(
        claim("final_train_loss"), row("refuted", -0.5, -0.6, -0.4, "loss"), [side(0.9, 0.4, failed=(2, 0))], NAMES
    )
    assert "Training loss: 0.90 (He) against 0.40 (Zeros). Higher by 0.50 [0.40, 0.60], ten seeds: refuted." in said
    assert said.endswith("He diverged or failed in 2 of 10 runs.")


@pytest.mark.parametrize(
    ("metric", "direction", "effect", "word"),
    [
        ("generalization_gap", None, 0.1, "Narrower"),
        ("generalization_gap", None, -0.1, "Wider"),
        ("metric.detour", "lower", 0.1, "Lower"),
        ("metric.unit_spread", "higher", 0.1, "Higher"),
        ("final_test_loss", None, 0.1, "Lower"),
        ("epochs_to_target", None, -0.1, "More"),
    ],
)
def test_words_of_the_sense(metric, direction, effect, word):
    low, high = sorted((effect / 2, 2 * effect))
    said = told(
        claim(metric, direction=direction), row("supported", effect, low, high, ""), [side(1.0, 2.0)], NAMES
    )
    assert f"{word} by 0.1" in said


def test_an_equality_is_told_within_its_margin():
    equal = claim("final_test_accuracy", expect="equivalence", margin=0.01)
    said = told(equal, row("supported", -0.002, -0.006, 0.002), [side(0.95, 0.952)], NAMES)
    assert said.endswith("They differ by 0.002 [−0.002, 0.006], within 0.01, ten seeds: supported.")
    said = told(equal, row("supported", 0.0, 0.0, 0.0), [side(0.5, 0.5)], NAMES)
    assert "They do not differ in any pair, within 0.01" in said


def test_that_some_are_level_is_told_by_how_much_they_differ():
    level = claim("steps_to_target", equal=["a", "b"], margin=1.0)
    assert told(level, row("supported", 0.274, 0.273, 0.275, "relative"), [], NAMES) == (
        "They differ by 27 % [27 %, 28 %], within 100 %, ten seeds: supported."
    )
    open_ = row("undecided", 0.9, 0.2, 1.6, "relative", "neither equality nor a difference beyond the margin is shown")
    assert told(level, open_, [], NAMES) == (
        "They differ by 90 % [20 %, 160 %], ten seeds. "
        "Undecided: neither equality nor a difference beyond the margin is shown."
    )


def test_an_undecided_claim_says_what_would_decide_it():
    open_ = row("undecided", 0.05, -0.02, 0.12, reason="the interval holds both outcomes")
    said = told(claim("final_test_accuracy"), open_, [side(0.95, 0.9)], NAMES)
    # Student's test of a mean of half a standard deviation: 34 pairs (Cohen 1988, table 2.4.1)
    assert said.endswith(
        "ten seeds. Undecided: the interval holds 0, so the data fit both outcomes. "
        "If the difference is as large as it seems, about 34 seeds would tell it in four of five repetitions."
    )


def test_of_several_workloads_it_says_what_is_averaged():
    two = [side(0.9, 0.8), side(0.7, 0.6, workload="v")]
    said = told(claim("final_test_accuracy", pairs="studies"), row("supported", 0.1, 0.05, 0.15), two, NAMES)
    assert said.startswith("Test accuracy, mean of two workloads: 0.80 (He) against 0.70 (Zeros). Higher by 0.10")
    assert "ten searches: supported. Each search counts with the mean of its final runs." in said
    said = told(claim("final_test_loss"), row("supported", 0.2, 0.1, 0.3, "relative"), two, NAMES)
    assert said == "Test loss, mean of two workloads: He lower than Zeros by 20 % [10 %, 30 %], ten seeds: supported."


def test_what_was_not_judged_says_why():
    nothing = row("undecided", float("nan"), float("nan"), float("nan"), reason="a has no final run on w")
    assert told(claim("final_test_loss"), nothing, [], NAMES) == "Undecided: a has no final run on w."


def test_numbers_as_words():
    assert [words(n) for n in (1, 12, 13)] == ["one", "twelve", "13"]


@pytest.mark.parametrize(
    ("row_", "sides_", "said"),
    [
        ((0.9737, 0.9721, 0.9753), (0.97371, 0.0), "0.974 (He) against 0.000 (Zeros). Higher by 0.974 [0.972, 0.975]"),
        ((0.8357, 0.3142, 1.36), (1.031, 0.195), "1.03 (He) against 0.20 (Zeros). Higher by 0.84 [0.31, 1.36]"),
        ((14.02, 13.83, 14.21), (14.2, 0.18), "14.2 (He) against 0.2 (Zeros). Higher by 14.0 [13.8, 14.2]"),
    ],
)
def test_all_numbers_of_a_sentence_have_as_many_places(row_, sides_, said):
    high = claim("metric.unit_spread", direction="higher")
    assert said in told(high, row("supported", *row_, unit=""), [side(*sides_)], NAMES)
