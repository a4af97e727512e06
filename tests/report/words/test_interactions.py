"""Interactions in sentences: both effects, then their difference, each number as in the table."""

import pandas as pd

from optbench.report.terminal.lines import interaction_lines
from optbench.report.words.interactions import interaction_sentences


def row(kind, verdict, effect, low, high, unit="ratio", at="adam", aliased=""):
    return {
        "design": "grid", "metric": "steps" if unit == "ratio" else "final", "kind": kind, "factor": "schedule",
        "level": "warmup", "plain": "constant", "within": "optimizer", "at": at,
        "against": "sgd" if kind == "interaction" else "", "effect": effect, "low": low, "high": high, "unit": unit,
        "verdict": verdict, "aliased": aliased,
    }  # fmt: skip


def told(*rows, suite=None):
    return interaction_sentences(pd.DataFrame(rows), suite or {})


def test_who_is_helped_by_how_much_and_who_is_not():
    assert told(
        row("within", "faster", 0.8, 0.5, 1.0),
        row("within", "equal", 1.01, 0.99, 1.03, at="sgd"),
        row("interaction", "helps more", 0.8, 0.5, 1.0),
        suite={"equal": {"time": 0.1}},
    ) == [
        "warmup instead of constant (steps to target): adam 1.25 [1.00, 2.00] times faster, sgd equal within 10 %; "
        "it helps adam 1.25 [1.00, 2.00] times more than sgd."
    ]


def test_slower_is_told_by_times_as_slow():
    (text,) = told(
        row("within", "slower", 2.0, 1.6, 2.5),
        row("within", "undecided", 0.8, 0.5, 1.25, at="sgd"),
        row("interaction", "helps less", 2.5, 1.5, 4.0),
    )
    assert "adam 2.00 [1.60, 2.50] times slower, sgd 1.25 [0.80, 2.00] times as fast (undecided)" in text
    assert text.endswith("it helps adam 2.50 [1.50, 4.00] times less than sgd.")


def test_results_are_differences():
    (text,) = told(
        row("within", "better", 0.05, 0.03, 0.07, "difference"),
        row("within", "equal", 0.0, -0.001, 0.001, "difference", at="sgd"),
        row("interaction", "helps more", 0.05, 0.02, 0.08, "difference"),
    )
    assert text == (
        "warmup instead of constant (final result): adam +5.0 % [+3.0, +7.0] better, sgd equal within 0.5 %; "
        "it helps adam +5.0 % [+2.0, +8.0] more than sgd."
    )


def test_what_is_there_comes_first_and_the_terminal_says_how_many_more():
    rows = [
        row("interaction", word, 1.0, 0.9, 1.1, at=at)
        for at, word in (("p", "undecided"), ("q", "equal"), ("r", "helps less"))
    ]
    texts = told(*rows)
    assert [next(name for name in "pqr" if f"with {name}" in text) for text in texts] == ["r", "q", "p"]
    assert "it does the same to both within 5 %" in texts[1]
    assert texts[2].endswith("whether it helps p more than sgd is undecided.")
    lines = interaction_lines(pd.DataFrame(rows), {}, most=1)
    assert lines == [texts[0], "and 2 more interactions: see the report"]


def test_the_terminal_says_where_no_times_are_compared():
    rows = pd.DataFrame([row("interaction", "undecided", 0.0, -0.1, 0.1, unit="difference")])
    suite = {"workloads": [{"name": "w", "target": {"metric": "train_loss", "value": 1.0}}]}
    said = f"times of {rows['design'][0]} are not compared: on each workload a cell missed the target in most runs"
    assert interaction_lines(rows, suite)[1:] == [said]
    assert len(interaction_lines(rows, {"workloads": [{"name": "w", "target": None}]})) == 1
    assert len(interaction_lines(rows.assign(metric="steps", unit="ratio", effect=1.0), suite)) == 1


def test_a_fraction_says_what_else_it_may_be():
    (text,) = told(row("interaction", "helps more", 0.5, 0.4, 0.6, aliased="regularizer"))
    assert text.endswith("; this fraction cannot tell it from the effect of regularizer.")
