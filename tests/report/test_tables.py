import pandas as pd
import pytest

from optbench.report.tables import claims, failures, flat, leaderboard, methods


def trials(*rows):
    columns = ["candidate", "phase", "outcome", "message", "traceback", "workload"]
    return pd.DataFrame(rows, columns=columns)


def test_failures_that_differ_in_numbers_alone_are_one_group():
    found = failures(
        trials(
            ("adam", "tune", "diverged", "not finite at step 22", "", "a"),
            ("adam", "tune", "diverged", "not finite at step 44", "", "b"),
            ("adam", "final", "diverged", "not finite at step 44", "", "b"),
            ("sgd", "tune", "error", "boom", "Traceback: boom", "a"),
            ("sgd", "final", "done", "", "", "a"),
        )
    )
    assert found["total"] == 4
    shown = [(g["candidate"], g["times"], g["phase"], g["workloads"]) for g in found["groups"]]
    assert shown == [
        ("sgd", "once", "while tuning", "a"),
        ("adam", "once", "on fresh seeds", "b"),
        ("adam", "2 times", "while tuning", "a, b"),
    ]
    assert found["groups"][0]["traceback"] == "Traceback: boom"


def test_of_many_kinds_of_failure_the_rest_is_counted():
    rows = [(f"c{i}", "final", "error", "boom", None, "w") for i in range(50)]
    found = failures(trials(*rows))
    assert (len(found["groups"]), found["more"], found["total"]) == (40, 10, 50)


def test_the_leaderboard_shows_columns_that_have_values(results):
    shown = leaderboard(results.board.assign(seconds_ratio=float("nan")), {})
    headings = [column.heading for column in shown.columns]
    assert headings == ["Candidate", "Score", "IQM", "Solved", "Steps ×", "Both", "Failed", "Runs"]
    assert [cell.text for cell in shown.rows[0].cells[1:5]] == [
        "0.85 [0.77, 0.91]",
        "0.95 [0.92, 0.97]",
        "100 %",
        "0.40 [0.30, 0.50]",
    ]
    assert [cell.value for cell in shown.rows[0].cells[1:4]] == pytest.approx([0.85, 0.95, 1.0])


def test_claims_have_unit_and_reason(results):
    row = claims(results.claims()).rows[1]
    assert row.cells[2].text == "120 [-30, 300] steps"
    assert row.note == "the interval holds both outcomes"


def test_nested_settings_become_rows():
    assert flat({"a": {"b": [1, "x"]}, "c": None}) == [("a.b", "1, x"), ("c", "–")]


def test_methods_say_when_nothing_was_tuned():
    assert "No candidate was tuned" in methods({"tuning": {"trials": 0}, "seeds": 3})[0]
    assert "budget of 8 trials (random search)" in methods({"tuning": {"trials": 8, "method": "random"}})[0]


def test_candidates_of_a_bridge_are_marked_and_its_share_of_their_time_is_told(results):
    candidate = str(results.board.index[0])
    bridges = {
        "a": {candidate: {"library": "pytorch_optimizer 4.1.0, torch 2.13.0", "seconds": 12e-6}},
        "b": {candidate: {"library": "pytorch_optimizer 4.1.0, torch 2.13.0", "seconds": 1.5e-4}},
    }
    costs = pd.DataFrame({"workload": ["a", "b"], "candidate": [candidate] * 2, "seconds_per_step": [1e-4, 3e-4]})
    rows = leaderboard(results.board, {}, bridges, costs).rows
    assert [row.note for row in rows] == ["via pytorch_optimizer", *[""] * (len(rows) - 1)]
    assert rows[0].tip == "The bridge takes 12 to 150 µs of each step, 12 to 50 % of its time."
    assert leaderboard(results.board, {}, bridges).rows[0].tip == "The bridge takes 12 to 150 µs of each step."
    assert {row.tip for row in leaderboard(results.board, {}).rows} == {""}
