"""What is called something has a name that can be seen and printed: control characters and marks are refused."""

import copy
import tomllib
import unicodedata

import pytest

from optbench.contract.errors import OptbenchError
from optbench.suite import Suite, validate

SUITE = tomllib.loads("""
title = "T"
description = "Two\\nlines."
baseline = "sgd"
[[workloads]]
name = "w"
title = "W"
topic = "rates"
dataset = "digits"
network = { kind = "mlp", hidden = [4] }
epochs = 2
batch_size = 8
target = { metric = "validation_accuracy", value = 0.9 }
[[candidates]]
name = "sgd"
title = "SGD"
optimizer = { name = "sgd", lr = 0.1 }
[[candidates]]
name = "adam"
optimizer = "adam"
workloads = ["w"]
[[claims]]
statement = "S"
topic = "rates"
source = "P"
workloads = ["w"]
better = "adam"
worse = "sgd"
metric = "metric.norm"
direction = "lower"
[[topics]]
name = "rates"
text = "Text\\nof lines."
[provenance.w]
procedure = "p"
date = "2026"
""")  # fmt: skip

PLACES = [
    ("title",), ("description",), ("baseline",),
    *(("workloads", 0, field) for field in ("name", "title", "topic", "dataset", "variant_of", "loss")),
    ("workloads", 0, "network", "kind"), ("workloads", 0, "target", "metric"),
    *(("candidates", 1, field) for field in ("name", "title", "optimizer", "schedule")),
    ("candidates", 1, "workloads", 0), ("candidates", 0, "optimizer", "name"),
    *(("claims", 0, field) for field in ("statement", "topic", "source", "better", "worse", "metric", "workload")),
    ("claims", 0, "workloads", 0),
    ("topics", 0, "name"), ("topics", 0, "text"),
    ("provenance", "w", "date"),
]  # fmt: skip
TABLES = [
    (), ("workloads", 0), ("workloads", 0, "network"), ("candidates", 0), ("candidates", 0, "optimizer"), ("claims", 0),
    ("topics", 0), ("provenance",), ("provenance", "w"),
]  # fmt: skip
MARKS = ["\r", "a\x1b[31mb", "a\u202eb", "a\u200bb", "a\x85b", "a\u2028b"]


def refused(raw, registry):
    with pytest.raises(OptbenchError) as error:
        validate(raw, "x.toml", registry)
    message = str(error.value)
    assert all(line.startswith("x.toml: ") for line in message.split("\n"))
    assert not {unicodedata.category(c) for c in message if c != "\n"} & {"Cc", "Cf", "Zl", "Zp"}


def at(raw, path):
    for key in path:
        raw = raw[key]
    return raw


def test_the_suite_is_one(registry):
    assert isinstance(validate(copy.deepcopy(SUITE), "x.toml", registry), Suite)


@pytest.mark.parametrize("mark", MARKS, ids=ascii)
@pytest.mark.parametrize("path", PLACES, ids=lambda p: ".".join(map(str, p)))
def test_no_name_holds_what_cannot_be_seen(registry, path, mark):
    raw = copy.deepcopy(SUITE)
    at(raw, path[:-1])[path[-1]] = mark
    refused(raw, registry)


@pytest.mark.parametrize("mark", MARKS, ids=ascii)
@pytest.mark.parametrize("path", TABLES, ids=lambda p: ".".join(map(str, p)))
def test_no_key_does(registry, path, mark):
    raw = copy.deepcopy(SUITE)
    at(raw, path)[mark] = {}
    refused(raw, registry)


def test_a_file_that_is_no_toml_is_told_in_one_line(registry):
    from optbench.suite import parse

    with pytest.raises(OptbenchError) as error:
        parse("\x1b[31m\r\u202e = 1", "x.toml", registry)
    assert str(error.value).isprintable()
