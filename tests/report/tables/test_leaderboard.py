from types import SimpleNamespace

import pandas as pd
import pytest

from optbench.report.tables.leaderboard import leaderboard, marked
from optbench.report.tables.table import Cell, Column, Row, Table

REFERENCE = {
    "name": "reference", "candidates": ["sgd", "adam"], "notes": ["made with numpy 2.0"],
    "environment": {"commit": "abc", "packages": {"optbench": "0.1.0"}},
}  # fmt: skip


def test_candidates_of_the_reference_are_marked():
    rows = [Row([Cell("sgd")], "sgd", note="via torch"), Row([Cell("adam")], "adam"), Row([Cell("lion")], "lion")]
    table = Table("leaderboard", "t", [Column("candidate", "Candidate")], rows)
    assert [row.note for row in marked(table, SimpleNamespace(reference=REFERENCE)).rows] == [
        "via torch, reference", "reference", ""]  # fmt: skip
    assert marked(table, SimpleNamespace()).rows == rows


def test_the_leaderboard_shows_columns_that_have_values(results):
    shown = leaderboard(results.board.assign(seconds_ratio=float("nan")))
    headings = [column.heading for column in shown.columns]
    assert headings == ["Candidate", "Score", "IQM", "Solved", "Steps ×", "Both", "Failed", "Runs"]
    assert [cell.text for cell in shown.rows[0].cells[1:5]] == [
        "0.85 [0.77, 0.91]",
        "0.95 [0.92, 0.97]",
        "100 %",
        "0.40 [0.30, 0.50]",
    ]
    assert [cell.value for cell in shown.rows[0].cells[1:4]] == pytest.approx([0.85, 0.95, 1.0])


def test_candidates_of_a_bridge_are_marked_and_its_share_of_their_time_is_told(results):
    candidate = str(results.board.index[0])
    bridges = {
        "a": {candidate: {"library": "pytorch_optimizer 4.1.0, torch 2.13.0", "seconds": 12e-6}},
        "b": {candidate: {"library": "pytorch_optimizer 4.1.0, torch 2.13.0", "seconds": 1.5e-4}},
    }
    costs = pd.DataFrame({"workload": ["a", "b"], "candidate": [candidate] * 2, "seconds_per_step": [1e-4, 3e-4]})
    rows = leaderboard(results.board, bridges, costs).rows
    assert [row.note for row in rows] == ["via pytorch_optimizer", *[""] * (len(rows) - 1)]
    assert rows[0].tip == "The bridge takes 12 to 150 µs of each step, 12 to 50 % of its time."
    assert leaderboard(results.board, bridges).rows[0].tip == "The bridge takes 12 to 150 µs of each step."
    assert {row.tip for row in leaderboard(results.board).rows} == {""}
