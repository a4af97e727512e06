"""What each workload is, in words."""

from optbench.report.tables.setting import COLUMNS, setting

DIGITS = {
    "name": "digits", "family": "dense", "shows": "that plain networks are easy", "dataset": {"name": "digits"},
    "network": {"kind": "mlp", "hidden": [64, 32], "activation": "relu"}, "batch_size": 64, "epochs": 20,
    "target": {"metric": "train_loss", "value": 0.02, "ladder": [0.5, 0.1, 0.02]},
}  # fmt: skip
FUNCTION = {"name": "bowl", "function": {"name": "quadratic", "condition": 10.0, "rotated": True}, "steps": 50}
INNER = {
    "name": "pictures", "dataset": {"name": "pooled", "inner": {"name": "mnist-5k"}, "factor": 2}, "steps": 7,
    "network": {"kind": "cnn", "channels": [8]}, "batch_size": "full",
}  # fmt: skip


def test_a_row_says_family_purpose_data_network_budget_and_target():
    origins = {"digits": {"procedure": "by hand", "date": "2026-01-02"}}
    table = setting({"workloads": [DIGITS, FUNCTION, INNER], "provenance": origins})
    assert [c.name for c in table.columns] == [c.name for c in COLUMNS]
    first, second, third = ([cell.text for cell in row.cells] for row in table.rows)
    assert first == [
        "digits", "dense", "that plain networks are easy", "digits", "mlp (hidden 64-32, activation relu)",
        "20 epochs, 64 a step", "train loss 0.02, of 3", "by hand, 2026-01-02",
    ]  # fmt: skip
    assert second == ["bowl", "", "", "quadratic (condition 10.0)", "", "50 steps", "", ""]
    assert third[3:6] == ["pooled of mnist-5k (factor 2)", "cnn (channels 8)", "7 steps, full batch"]
    assert list(table.source["shows"]) == ["that plain networks are easy", "", ""]


def test_what_no_workload_says_has_no_column():
    assert "family" not in {c.name for c in setting({"workloads": [FUNCTION]}).columns}
