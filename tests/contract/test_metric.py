"""What a metric's text says."""

import pytest

from optbench import Metric, OptbenchError
from optbench.contract.metric import field_of, labelled, lower_is_better


def test_the_known_ones_are_known_by_their_names():
    for name in ("accuracy", "r2", "score"):
        assert Metric.of(name) == Metric(name, lower=False, unit="")


@pytest.mark.parametrize(
    ("text", "name", "lower", "unit", "label"),
    [
        ("latency:lower:ms", "latency", True, "ms", "latency (ms)"),
        ("mean_return:higher", "mean_return", False, "", "mean return"),
        ("gain:higher:dB per m/s", "gain", False, "dB per m/s", "gain (dB per m/s)"),
    ],
)
def test_one_of_ones_own_says_which_way_is_better_and_its_unit(text, name, lower, unit, label):
    found = Metric.of(text)
    assert (found.name, found.lower, found.unit, found.label) == (name, lower, unit, label)
    for split in ("train", "validation"):
        target = f"{split}_{text}"
        assert (field_of(target), lower_is_better(target), labelled(target)) == (
            f"{split}_metric", lower, f"{split} {label}",
        )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["return", "f1", "loss:lower", "accuracy:lower", "value:higher", "a b:lower", "x:down", "x:lower:", ":lower", 3],
)
def test_what_is_none_is_told_with_what_would_be(text):
    with pytest.raises(OptbenchError, match=r"give one of accuracy, r2, score; or .* 'return:higher'"):
        Metric.of(text)
