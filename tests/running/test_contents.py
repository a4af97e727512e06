"""What the planner reads of data is what a worker reads, which has one thread."""

from threadpoolctl import threadpool_limits

from optbench.registry.registry import registry
from optbench.running.contents import contents
from optbench.suite import parse

SUITE = """
title = "Products of some size"

[[workloads]]
name = "w"
dataset = { name = "linear-regression", samples = 1500, features = 20, condition = 30.0 }
network = "linear"
epochs = 1

[[candidates]]
name = "sgd"
"""


def test_drawn_data_do_not_depend_on_threads():
    suite = parse(SUITE, "suite.toml", registry())
    found = []
    for threads in (4, 1):
        with threadpool_limits(threads):
            found.append(contents(suite, registry()))
    assert found[0] == found[1]
    assert len(found[0]) == 1
