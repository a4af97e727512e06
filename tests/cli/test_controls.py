"""`optbench run` of controls: known truths in sentences, and in the exit status."""

import pytest

from optbench import cli

SUITE = """
title = "C"
controls = true
seeds = 8
[tuning]
method = "none"
[[workloads]]
name = "bowl"
function = { name = "quadratic", random_start = true }
steps = 400
target = { metric = "train_loss", value = 1e-3 }
[[candidates]]
name = "fast"
optimizer = { name = "sgd", lr = 1.0, search = [] }
[[candidates]]
name = "same"
optimizer = { name = "heavy-ball", lr = 1.0, beta = 0.0, search = [] }
[[candidates]]
name = "slow"
optimizer = { name = "sgd", lr = 0.5, search = [] }
[[claims]]
statement = "Twice the rate is faster"
workload = "bowl"
metric = "steps_to_target"
better = "FAST"
worse = "SLOW"
[[claims]]
statement = "They are the same"
workload = "bowl"
metric = "steps_to_target"
equal = ["fast", "SAME"]
"""


@pytest.mark.parametrize(
    ("names", "status", "said"),
    [
        ({"FAST": "fast", "SLOW": "slow", "SAME": "same"}, 0, "The controls hold"),
        ({"FAST": "slow", "SLOW": "fast", "SAME": "same"}, 1, "Contradicted: Twice the rate is faster"),
        ({"FAST": "fast", "SLOW": "slow", "SAME": "slow"}, 1, "Contradicted: They are the same"),
    ],
)
def test_the_exit_status_says_whether_a_known_truth_is_contradicted(tmp_path, capsys, names, status, said):
    text = SUITE
    for name, candidate in names.items():
        text = text.replace(f'"{name}"', f'"{candidate}"')
    path = tmp_path / "c.toml"
    path.write_text(text)
    arguments = ["run", str(path), "--out", str(tmp_path / "out"), "--engine", "serial", "--no-report"]
    assert cli.guarded(lambda: cli._invoke(arguments)) == status
    assert said in " ".join(capsys.readouterr().out.split())
