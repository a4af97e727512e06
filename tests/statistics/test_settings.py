"""A trial's settings as tables show them."""

from optbench.statistics.settings import hyperparameters, names


def test_hyperparameters_go_by_path():
    components = {
        "optimizer": {"name": "lookahead", "k": 5, "inner": {"name": "adam", "lr": 0.1}},
        "regularizers": [{"name": "l2", "strength": 0.1}, {"name": "dropout", "keep": 0.5}],
        "normalizers": [],
    }
    assert hyperparameters(components) == {
        "optimizer.k": 5,
        "optimizer.inner.name": "adam",
        "optimizer.inner.lr": 0.1,
        "regularizers.l2.strength": 0.1,
        "regularizers.dropout.keep": 0.5,
    }
    assert names(components, "regularizers") == "l2+dropout"
    assert names(components, "normalizers") == names(components, "schedule") == "none"
