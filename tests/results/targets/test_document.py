"""Targets into a suite's file: everything else stays to the letter."""

import tomllib

import pytest

from optbench.registry.registry import registry
from optbench.results.targets.document import fragment, written
from optbench.results.targets.procedure import Computed, provenance
from optbench.suite import parse

TEXT = '''# A suite.
title = "T"   # its title

[[workloads]]
name = "inline"
dataset = "two-moons"
network = "linear"
target = { metric = "train_loss", value = 9.0, further = [8.0] } # kept comment
epochs = 2

[[workloads]]   # another
name = "table"
dataset = "two-moons"
network = "linear"
epochs = 2
[workloads.target]
# why
metric = "validation_accuracy"
value = 0.5

[[workloads]]
name = "none"
dataset = "two-moons"
network = { kind = "mlp", hidden = [
    8,  # narrow
] }
epochs = 2

# ---------------- candidates

[[workloads]]
name = "variant"
variant_of = "inline"

[[candidates]]
name = "sgd"
optimizer = "sgd"
'''


def computed(name, ladder=(0.9, 0.95)):
    return Computed(name, "validation_accuracy", ladder, 0.9583, 0.8, 10, ("sgd",), 10)


def origins(found):
    return {c.workload: provenance(c, 8, "2026-01-02", "0.1.0") for c in found}


def test_only_targets_change():
    found = [computed("inline"), computed("table", (0.95,)), computed("none"), computed("variant")]
    text = written(TEXT, found, origins(found))
    table = '{ metric = "validation_accuracy", ladder = [0.9, 0.95] }'
    expected = TEXT.replace('{ metric = "train_loss", value = 9.0, further = [8.0] }', table)
    expected = expected.replace("value = 0.5\n", "ladder = [0.95]\n")
    expected = expected.replace("] }\nepochs = 2\n", f"] }}\nepochs = 2\ntarget = {table}\n")
    assert text.startswith(expected.rstrip("\n"))
    raw = tomllib.loads(text)
    assert list(raw["provenance"]) == ["inline", "table", "none"]  # the variant has its base's
    assert "target" not in raw["workloads"][3]
    suite = parse(text, "t.toml", registry())
    assert suite.workload("variant").target.ladder == (0.9, 0.95)
    assert suite.provenance["none"].median == 0.9583
    assert suite.workload("table").target.levels == (0.95,)


def test_again_replaces():
    found = [computed("inline")]
    once = written(TEXT, found, origins(found))
    assert written(once, found, origins(found)) == once
    other = [computed("inline", (0.8,)), computed("none")]
    twice = tomllib.loads(written(once, other, origins(other)))
    assert twice["workloads"][0]["target"] == {"metric": "validation_accuracy", "ladder": [0.8]}
    assert set(twice["provenance"]) == {"inline", "none"}


def test_windows_line_ends_stay():
    found = [computed("inline"), computed("none")]
    text = written(TEXT.replace("\n", "\r\n"), found, origins(found))
    assert tomllib.loads(text) == tomllib.loads(written(TEXT, found, origins(found)))
    assert "0.95] } # kept comment\r\nepochs = 2\r\n" in text


def test_the_fragment_is_toml_too():
    found = [computed("inline"), computed("none", (0.5,))]
    text = fragment(found, origins(found))
    assert "# inline\ntarget = { metric" in text
    provenance_of = tomllib.loads(text[text.index("[provenance") :])["provenance"]
    assert provenance_of["none"]["trials"] == 8
    for line in text.splitlines():
        if line.startswith("target"):
            assert tomllib.loads(line)["target"]["metric"] == "validation_accuracy"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('[provenance.inlin]\nprocedure = "p"', ["provenance", "'inlin'", "'inline'"]),
        ('[provenance.inline]\nprocedur = "p"', ["'procedur'", "'procedure'"]),
        ('[provenance.inline]\ndate = "2026-01-01"', ["procedure is missing"]),
        ('[provenance.inline]\nprocedure = "p"\nreached = 2.0', ["reached", "at most 1"]),
    ],
)
def test_mistakes_in_provenance(line, expected):
    from optbench.contract.errors import OptbenchError

    with pytest.raises(OptbenchError) as caught:
        parse(f"{TEXT}\n{line}", "t.toml", registry())
    for part in ["t.toml", *expected]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("further", "expected"),
    [("[9.0]", "9 is there twice"), ("[1.0, 1.0]", "1 is there twice"), ('["a"]', "must be a number"), ("3", "a list")],
)
def test_mistakes_in_further(further, expected):
    from optbench.contract.errors import OptbenchError

    with pytest.raises(OptbenchError, match=r'workloads\[0\] "inline": target.further') as caught:
        parse(TEXT.replace("further = [8.0]", f"further = {further}"), "t.toml", registry())
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("ladder = [0.1, 0.5]", "target.ladder: a ladder goes from the easiest to the hardest, but 0.5 follows 0.1"),
        ("ladder = [0.5, 0.5]", "but 0.5 follows 0.5"),
        ("ladder = [0.5, 0.1], value = 0.2", "target: give either ladder or value, not both"),
        ("ladder = [0.5, 0.1], further = [0.3]", "target: give either ladder or further, not both"),
        ("ladder = []", "target: value is missing"),
        ('ladder = ["a"]', "target.ladder[0]: must be a number"),
        ("ladder = 3", "target.ladder: must be a list"),
    ],
)
def test_mistakes_in_a_ladder(target, expected):
    from optbench.contract.errors import OptbenchError

    with pytest.raises(OptbenchError) as caught:
        parse(TEXT.replace("value = 9.0, further = [8.0]", target), "t.toml", registry())
    assert expected in str(caught.value)


def test_a_ladder_ends_with_the_value_and_is_stored_whole():
    suite = parse(TEXT.replace("value = 9.0, further = [8.0]", "ladder = [3.0, 2.0, 1.0]"), "t.toml", registry())
    target = suite.workload("inline").target
    assert (target.value, target.further, target.levels) == (1.0, (3.0, 2.0), (3.0, 2.0, 1.0))
    assert type(target).model_validate(target.model_dump(mode="json")) == target
