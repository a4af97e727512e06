"""What is searched, under which path, in which order, and where a value is at the edge."""

import pytest

from optbench.suite import parse
from optbench.tuning import at_edge, space


def of(suite, candidate, workload="digits"):
    return space(suite.candidate(candidate), suite.workload(workload), suite.tuning)


def test_paths_go_by_kind_and_by_name_in_order_of_priority(suite):
    found = of(suite, "crossed")
    assert list(found) == [
        "optimizer.inner.lr",
        "optimizer.steps",
        "optimizer.inner.beta1",
        "batch_size",
        "schedule.decay",
        "regularizers.l2.strength",
    ]
    assert [h.priority for h in found.values()] == [1, 2, 2, 2, 3, 3]


def test_a_function_has_no_batches(suite):
    assert "batch_size" not in of(suite, "crossed", "bowl")


def test_a_rate_comes_before_what_is_declared_first(suite, registry):
    bare = suite.limited(registry, candidates=["adam"])
    assert list(of(bare, "adam")) == ["optimizer.lr", "optimizer.beta1", "optimizer.window"]


def test_only_the_first_of_them_if_the_suite_says_so(suite_of):
    limited = suite_of("trials = 9\nfirst = 2")
    assert list(of(limited, "crossed")) == ["optimizer.inner.lr", "optimizer.steps"]
    assert list(of(limited, "fixed")) == []


def test_a_candidate_may_search_more_or_fewer(suite, registry):
    raw = suite.model_dump(mode="json", exclude_none=True)
    raw["tuning"]["first"] = 2
    raw["candidates"][2]["tuning"] = {"first": 3}
    from optbench.suite import validate

    own = validate(raw, "t.toml", registry)
    assert len(of(own, "crossed")) == 3


def test_values_at_a_point_are_in_their_scales(suite):
    values = of(suite, "crossed").at([0.5] * 6)
    assert values["optimizer.inner.lr"] == pytest.approx(10**-2.5)
    assert values["optimizer.steps"] == 6
    assert values["batch_size"] == 64
    assert values["schedule.decay"] == pytest.approx(10**-1.5)


@pytest.mark.parametrize(
    ("lr", "edge"),
    # the range is 1e-4 … 10: five decades, of which 2.5 % are an eighth of one
    [
        (1e-4, True),
        (1.3e-4, True),
        (1.4e-4, False),
        (0.03, False),
        (7.0, False),
        (7.6, True),
        (10.0, True),
        (20.0, True),
    ],
)
def test_a_rate_near_an_end_of_its_range_is_flagged(suite, lr, edge):
    found = of(suite, "sgd")
    expected = ["optimizer.lr"] if edge else []
    assert at_edge(found, {"optimizer.lr": lr}) == expected
    assert at_edge(found, {"optimizer": {"name": "sgd", "lr": lr}}) == expected


def test_edges_of_whole_numbers_and_choices(suite, registry):
    found = of(suite, "crossed")
    components = {
        "optimizer": {"steps": 2, "inner": {"lr": 0.01, "beta1": 0.9}},
        "schedule": {"decay": 0.03},
        "regularizers": [{"name": "l2", "strength": 1e-6}],
        "batch_size": 16,
    }
    assert at_edge(found, components) == ["optimizer.steps", "regularizers.l2.strength"]
    components["optimizer"]["steps"] = 3
    components["regularizers"][0]["strength"] = 1e-3
    assert at_edge(found, components) == []


def test_parsing_is_what_makes_a_space(registry):
    text = """
title = "T"
[[workloads]]
name = "w"
dataset = "digits"
network = "mlp"
steps = 5
[[candidates]]
name = "c"
optimizer = { name = "sgd", search = { lr = { choices = [0.1, 1.0] } } }
batch_size = { low = 8, high = 512, scale = "log", priority = 1 }
"""
    found = of(parse(text, "t.toml", registry), "c", "w")
    assert found["optimizer.lr"].choices == (0.1, 1.0)
    assert list(found) == ["optimizer.lr", "batch_size"]
    assert found.at([0.9, 0.5]) == {"optimizer.lr": 1.0, "batch_size": 64}
