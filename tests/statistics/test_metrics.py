"""Metrics by any of their names, and which way each is better."""

from optbench.statistics.metrics import column, direction, metric_name


def test_names_and_directions():
    assert column("final_test_accuracy") == column("final_test_r2") == "final_test_metric"
    assert column("metric.final_accuracy") == "metric.final_accuracy"
    assert direction("final_validation_r2") == "higher"
    assert (
        direction("final_validation_loss")
        == direction("steps_to_target")
        == direction("generalization_gap")
        == "lower"
    )
    assert direction("metric.weight_norm") is None
    squared = {"loss": "mean_squared_error"}
    assert metric_name(squared) == "r2"
    assert metric_name({**squared, "target": {"metric": "validation_accuracy"}}) == "accuracy"
    assert metric_name({**squared, "target": {"metric": "train_loss"}, "dataset": {"name": "two-moons"}}) == "accuracy"
    assert metric_name({**squared, "target": None, "dataset": {"name": "digits"}}) == "accuracy"
    assert metric_name({**squared, "dataset": {"name": "diabetes"}}) == "r2"
    assert metric_name({**squared, "dataset": {"name": "gone with its plugin"}}) == "r2"
    assert metric_name({"loss": "reconstruction_cross_entropy"}) == "r2"
    for metric, name in (("score", "score"), ("r2", "r2"), ("", "value")):
        assert metric_name({"problem": {"name": "gone with its plugin"}, "metric": metric, "loss": None}) == name
    assert metric_name({"loss": "binary_cross_entropy", "function": None}) == "accuracy"
