import io

import numpy as np
import pandas as pd
from rich.console import Console

from optbench.report.terminal.leaderboard import leaderboard_table


def shown(results, width=80):
    console = Console(width=width, file=io.StringIO(), force_terminal=False, color_system=None)
    console.print(leaderboard_table(results))
    return console.file.getvalue()


def test_values_intervals_and_order(results):
    text = shown(results)
    lines = [line for line in text.splitlines() if line.strip()]
    assert max(map(len, lines)) <= 80
    assert "score" in lines[0]
    assert "0.85 [0.77, 0.91]" in text
    names = [line.split()[0] for line in lines if line.split()[0] in set(results.board.index)]
    assert names == list(results.board.index)


def test_nothing_is_cut_but_endless_names(make_results):
    results = make_results(["x" * 60, "adamw-cosine-warm-up"], ["w"], seeds=1, tune=1, points=2)
    text = shown(results)
    assert "0.85 [0.77, 0.91]" in text
    assert "0.20 [0.12, 0.26]" in text
    assert max(map(len, text.splitlines())) <= 80


def test_names_can_neither_mark_up_nor_drive_the_terminal(make_results):
    results = make_results(["[red]a[/red]", "\x1b[31mb"], ["w"], seeds=1, tune=1, points=2)
    text = shown(results)
    assert "[red]a[/red]" in text
    assert "\x1b" not in text


def test_missing_columns_and_values_are_left_out_or_dashes():
    class Results:
        title = ""

        def leaderboard(self):
            return pd.DataFrame({"score": [0.5, np.nan], "seconds_ratio": [np.inf, np.nan]}, index=["a", "b"])

    text = shown(Results())
    assert "IQM" not in text
    assert "0.50" in text
    assert "inf" in text


def test_an_empty_leaderboard():
    class Results:
        title = ""

        def leaderboard(self):
            return pd.DataFrame()

    assert "candidate" in shown(Results())


def test_candidates_whose_arithmetic_is_a_librarys_are_named(results):
    name = str(results.leaderboard().index[0])

    class Bridged:
        bridges = {"w": {name: {"library": "torch 2.13.0", "seconds": 1e-5}}}
        costs = pd.DataFrame({"workload": ["w"], "candidate": [name], "seconds_per_step": [5e-5]})
        leaderboard = staticmethod(results.leaderboard)

    caption = leaderboard_table(Bridged()).caption
    assert caption.endswith(f"via torch: {name}; the bridge takes 10 µs of each step, 20 % of its time")
    assert "via" not in (leaderboard_table(results).caption or "")
