"""Held-out variants in a suite's file: what they have of their base, and what they may not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.errors import OptbenchError
from optbench.suite import parse, validate
from optbench.suite.variants import inherited

HEAD = """
title = "T"
[[candidates]]
name = "sgd"
[[candidates]]
name = "adam"
workloads = ["other"]
[[workloads]]
name = "base"
title = "The base"
topic = "t"
dataset = { name = "digits", noise = 0.1 }
network = { kind = "mlp", hidden = [8], activation = "tanh" }
normalizer = "batch-norm"
batch_size = 16
epochs = 3
studies = 2
split = { validation = 0.3 }
target = { metric = "validation_accuracy", value = 0.9 }
[[workloads]]
name = "other"
function = { name = "bowl", condition = 3.0 }
steps = 10
"""


def suite(registry, lines, head=HEAD):
    return parse(head + lines, "s.toml", registry)


def variant(registry, lines, base="base"):
    found = suite(registry, f'[[workloads]]\nname = "v"\nvariant_of = "{base}"\n{lines}')
    return found.workload("v"), found.workload(base)


def test_everything_but_the_name_is_the_base_s(registry):
    ours, base = variant(registry, "")
    own = {"name": "v", "title": "v", "variant_of": "base"}
    assert ours.model_dump() == {**base.model_dump(), **own}
    assert (ours.base, base.base) == ("base", "base")


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        ("batch_size = 64", "batch_size", 64),
        ("network = { hidden = [32] }", "network", {"name": "mlp", "hidden": [32], "activation": "tanh"}),
        ('network = { kind = "mlp", hidden = [2] }', "network", {"name": "mlp", "hidden": [2], "activation": "tanh"}),
        ("dataset = { noise = 0.2 }", "dataset", {"name": "digits", "noise": 0.2}),
        ('dataset = "digits"', "dataset", {"name": "digits", "noise": 0.0}),
        ("steps = 7", "steps", 7),
        ('normalizers = []', "normalizers", []),
        ('regularizer = "l2"', "normalizers", [{"name": "batch-norm", "momentum": 0.9}]),
    ],
)  # fmt: skip
def test_what_it_gives_is_its_own(registry, line, field, expected):
    ours, _ = variant(registry, line)
    assert getattr(ours, field) == expected
    assert (ours.epochs is None) == (field == "steps")


def test_tables_of_one_field_join(registry):
    ours, _ = variant(registry, "split = { seed = 5 }\ntarget = { value = 0.8 }")
    assert (ours.split.seed, ours.split.validation) == (5, 0.3)
    assert (ours.target.metric, ours.target.value) == ("validation_accuracy", 0.8)
    ours, _ = variant(registry, 'target = { metric = "validation_loss", value = 0.3 }')
    assert ours.target.value == 0.3


def test_another_task_takes_what_it_needs(registry):
    ours, _ = variant(registry, 'function = "bowl"\nsteps = 5\ntarget = { metric = "train_loss", value = 1.0 }')
    assert ours.dataset is None
    ours, _ = variant(registry, "function = { condition = 9.0 }", base="other")
    assert ours.function == {"name": "bowl", "condition": 9.0}


def test_a_suite_as_stored_is_read_as_the_same(registry):
    lines = '[[workloads]]\nname = "v"\nvariant_of = "base"\nsteps = 7\nnormalizers = []\nsplit = { seed = 3 }'
    first = suite(registry, lines)
    stored = first.model_dump(mode="json")
    assert validate(stored, "store", registry) == first
    assert inherited(stored)["workloads"] == stored["workloads"]


def test_candidates_take_part_where_they_do_on_the_base(registry):
    found = suite(
        registry,
        '[[workloads]]\nname = "v"\nvariant_of = "base"\n[[workloads]]\nname = "u"\nvariant_of = "other"',
    )
    runs = {(c.name, w.name) for c in found.candidates for w in found.workloads if c.runs_on(w)}
    assert runs == {("sgd", n) for n in ("base", "v", "other", "u")} | {("adam", "other"), ("adam", "u")}
    assert [(w.name, c.name) for w, c in found.pairs()] == [("base", "sgd"), ("other", "sgd"), ("other", "adam")]
    assert [w.name for w in found.variants(found.workload("base"))] == ["v"]
    assert found.studies(found.workload("v")) == 2


def test_a_variant_that_is_asked_for_brings_its_base(registry):
    found = suite(registry, '[[workloads]]\nname = "v"\nvariant_of = "base"')
    assert [w.name for w in found.limited(registry, workloads=["v"]).workloads] == ["base", "v"]
    assert [w.name for w in found.limited(registry, workloads=["base"]).workloads] == ["base"]
    assert [w.name for w in found.limited(registry, candidates=["adam"]).workloads] == ["other"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('name = "v"\nvariant_of = "bsae"', ["workloads[2] \"v\": variant_of", "'bsae'", "'base'"]),
        ('name = "v"\nvariant_of = "v"', ["it names itself"]),
        ('name = "v"\nvariant_of = "base"\nstudies = 5', ["studies", "not tuned", "'base'"]),
        ('name = "v"\nvariant_of = "base"\nbatchsize = 5', ["'batchsize'", "'batch_size'"]),
        ('name = "v"\nvariant_of = "base"\nnetwork = { hiden = [5] }', ["hiden", "'hidden'"]),
        ('name = "v"\nvariant_of = "base"\ndataset = "diabetes"', ["validation_accuracy", "validation_r2"]),
        ('name = "v"\nvariant_of = "base"\n[[workloads]]\nname = "w"\nvariant_of = "v"', ["a variant of 'base'"]),
        (
            'name = "v"\nvariant_of = "base"\n[[candidates]]\nname = "c"\nworkloads = ["v"]',
            ['candidates[2] "c": workloads', "held-out variant", "'base'"],
        ),
        (
            'name = "v"\nvariant_of = "base"\n[[claims]]\nstatement = "S"\nworkload = "v"\nbetter = "sgd"\n'
            'worse = "adam"\nmetric = "steps_to_target"',
            ["'adam' does not run on workload 'v'"],
        ),
    ],
)
def test_what_is_refused(registry, lines, expected):
    with pytest.raises(OptbenchError) as caught:
        suite(registry, f"[[workloads]]\n{lines}")
    message = str(caught.value)
    assert message.startswith("s.toml: ")
    for part in expected:
        assert part in message


def test_a_mistake_of_the_base_is_told_once(registry):
    wrong = HEAD.replace("batch_size = 16", "batch_size = 0")
    with pytest.raises(OptbenchError) as caught:
        suite(registry, '[[workloads]]\nname = "v"\nvariant_of = "base"\nepochs = 0', wrong)
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert 'workloads[0] "base": batch_size' in lines[0]
    assert 'workloads[2] "v": epochs' in lines[1]


FIELDS = ["name", "variant_of", "network", "steps", "epochs", "split"]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["a", "b", "c"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)


@given(st.fixed_dictionaries({"workloads": JUNK, "candidates": JUNK}))
def test_no_table_breaks_the_filling_in_and_twice_is_once(raw):
    once = inherited(raw)
    assert inherited(once) == once
