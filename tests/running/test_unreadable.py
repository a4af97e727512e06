"""A network that cannot read its data is told before anything is trained."""

import pytest

import optbench
from optbench import OptbenchError
from optbench.registry.registry import registry
from optbench.suite import validate


@pytest.mark.parametrize(
    ("dataset", "network", "message"),
    [
        ("digits", "transformer", "network transformer does not fit dataset digits, which is values; take one of"),
        ("copy-memory", "mlp", "network mlp does not fit dataset copy-memory, which is tokens"),
        ("diabetes", "cnn", r"network cnn needs images .* shape \(10,\); for flat features take network mlp"),
        ("karate-club", "cnn", "network cnn does not fit dataset karate-club, which is graph"),
    ],
)  # fmt: skip
def test_nothing_is_trained(tmp_path, dataset, network, message):
    table = {
        "title": "t",
        "seeds": 2,
        "workloads": [{"name": "w", "dataset": dataset, "network": network, "steps": 2}],
        "candidates": [{"name": "adam"}],
    }
    with pytest.raises(OptbenchError, match=f"workload w: {message}"):
        optbench.run(validate(table, "t", registry()), "serial", tmp_path, report=False)
    assert not (tmp_path / "store.sqlite").exists()
