"""All cautions together: of no trials, of a fair comparison, and in the order that is promised."""

import pandas as pd

from optbench.report.terminal.lines import caution_lines
from optbench.statistics.cautions import COLUMNS, KINDS, cautions


def test_a_fair_comparison_gives_none(make):
    suite = make.suite(make.candidate("a"), make.candidate("b"))
    trials = make.trials(make.rows("a"), make.rows("b"))
    table = cautions(suite, trials, make.standing(0.5, "faster"), {})
    assert list(table.columns) == list(COLUMNS)
    assert table.empty


def test_without_trials_there_is_nothing_to_say(make):
    assert cautions(make.suite(make.candidate("a")), make.trials(make.rows("a")).iloc[:0]).empty


def test_kinds_come_in_order(make):
    momentum = make.optimizer("momentum", beta=0.9, search={"lr": make.LR, "beta": make.BETA})
    suite = make.suite(make.candidate("a"), make.candidate("b", optimizer=momentum))
    suite["workloads"][0]["target"] = {"metric": "validation_accuracy", "value": 0.9}
    trials = make.trials(make.rows("a", steps=[10] * 3), make.rows("b", steps=[20] * 3, chosen=0.001))
    kinds = cautions(suite, trials, None, {"momentum": (("sgd", {"beta": 0.0}),)})["kind"]
    assert set(kinds) == set(KINDS)
    assert sorted(kinds, key=KINDS.index) == list(kinds)


def test_the_terminal_shows_a_handful_of_every_kind():
    rows = [("edge", f"w{i}", "a", f"message {i}") for i in range(9)] + [("seeds", "", "", "too\x1b few")]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    lines = caution_lines(table, most=4)
    assert lines == [
        "caution (edge): a on w0: message 0",
        "caution (edge): a on w1: message 1",
        "caution (edge): a on w2: message 2",
        r"caution (seeds): too\x1b few",
        "and 6 more cautions: see the report",
    ]
    assert caution_lines(table.iloc[:0]) == []
    assert len(caution_lines(table, most=10)) == 10
