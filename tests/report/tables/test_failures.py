import pandas as pd

from optbench.report.tables.failures import grouped


def trials(*rows):
    columns = ["candidate", "phase", "outcome", "message", "traceback", "workload"]
    return pd.DataFrame(rows, columns=columns)


def test_failures_that_differ_in_numbers_alone_are_one_group():
    found = grouped(
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
    found = grouped(trials(*rows))
    assert (len(found["groups"]), found["more"], found["total"]) == (40, 10, 50)
