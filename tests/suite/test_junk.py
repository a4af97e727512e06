"""Whatever stands in a suite's place, the answer is a suite or one error: never a traceback."""

import copy
import datetime
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optbench.contract.errors import OptbenchError
from optbench.suite import Suite, parse, validate

SUITE = tomllib.loads("""
title = "T"
baseline = "adam"
[tuning]
method = "random"
[[workloads]]
name = "w"
dataset = { name = "digits", noise = 0.1 }
network = { kind = "mlp", hidden = [4] }
epochs = 2
batch_size = 8
split = { validation = 0.1 }
normalizers = ["batch-norm"]
target = { metric = "validation_accuracy", value = 0.9 }
[[workloads]]
name = "f"
function = "bowl"
steps = 3
[[candidates]]
name = "adam"
[candidates.optimizer]
name = "lookahead"
inner = { name = "adam", lr = 0.1 }
search = { steps = { low = 2 }, inner = { lr = { high = 0.5 } } }
[[candidates]]
name = "crossed"
regularizers = [{ name = "l2", search = ["strength"] }]
batch_size = { choices = [8, "full"] }
tuning = { first = 1 }
workloads = ["w", "f"]
[[candidates]]
name = "sgd"
optimizer = "sgd"
[[claims]]
statement = "s"
workloads = ["w"]
better = "adam"
worse = "sgd"
metric = "steps_to_target"
""")  # fmt: skip

junk = st.one_of(
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400)]),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["adam", "w", "full", "digits", "name", "search"]),
    st.just(datetime.date(2020, 1, 1)),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just([{}]),
    st.just({"name": "adam"}),
    st.just({"name": 3}),
    st.just({"name": "adam", "search": {"lr": {}}}),
    st.just({"": {"": []}}),
)


def paths(node, here=()):
    """The place of everything in a tree."""
    yield here
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from paths(value, (*here, key))


def read(raw, registry):
    """Any exception but the one error fails the test."""
    message = ""
    try:
        assert isinstance(validate(raw, "x.toml", registry), Suite)
    except OptbenchError as error:
        message = str(error)
    assert all(line.startswith("x.toml: ") for line in message.splitlines())


PLACES = list(paths(SUITE))[1:]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), junk), min_size=1, max_size=2))
def test_junk_in_any_place(registry, changes):
    raw = copy.deepcopy(SUITE)
    for path, value in changes:
        node = raw
        try:
            for key in path[:-1]:
                node = node[key]
            node[path[-1]] = copy.deepcopy(value)  # or the second change may close a circle
        except (KeyError, IndexError, TypeError):
            continue
    before = repr(raw)
    read(raw, registry)
    assert repr(raw) == before


@pytest.mark.parametrize("path", PLACES, ids=lambda p: ".".join(map(str, p)))
def test_anything_may_be_missing(registry, path):
    raw = copy.deepcopy(SUITE)
    node = raw
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    read(raw, registry)


@given(st.text())
def test_any_text(registry, text):
    with pytest.raises(OptbenchError, match=r"^x\.toml: "):
        parse(text, "x.toml", registry)
