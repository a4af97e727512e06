"""docs/suites.md against the models: every field of every table, and an example that is a suite."""

import re
from pathlib import Path

import pytest

from optbench.registry.registry import registry
from optbench.statistics.cautions import KINDS
from optbench.suite import parse
from optbench.suite.candidate import Method
from optbench.suite.problems import ALIASES, MODELS

PAGE = (Path(__file__).parents[2] / "docs" / "suites.md").read_text(encoding="utf-8")
SECTIONS = {
    (): "The suite",
    ("equal",): "Equality",
    ("tuning",): "Tuning",
    ("workloads",): "Workloads",
    ("workloads", "target"): "Target",
    ("workloads", "split"): "Split",
    ("candidates",): "Candidates",
    ("candidates", "tuning"): "A candidate's tuning",
    ("grid",): "Grid",
    ("claims",): "Claims",
    ("topics",): "Topics",
    ("provenance",): "Provenance",
}


def section(title):
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)[1]


def documented(title):
    """The names in the first column of a section's table."""
    rows = [line for line in section(title).splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]*)`", row.split("|")[1])]


def test_every_table_of_the_format_has_a_section():
    assert set(SECTIONS) == set(MODELS)


@pytest.mark.parametrize("table", SECTIONS, ids=lambda t: ".".join(t) or "suite")
def test_every_field_is_documented_and_no_other(table):
    found = documented(SECTIONS[table])
    assert sorted(found) == sorted(MODELS[table].model_fields)
    for alias in ALIASES.get(MODELS[table], ()):
        assert f"`{alias}`" in section(SECTIONS[table])


@pytest.mark.parametrize("table", SECTIONS, ids=lambda t: ".".join(t) or "suite")
def test_what_is_required_is_said_to_be(table):
    rows = [line.split("|") for line in section(SECTIONS[table]).splitlines() if line.startswith("| `")]
    required = [name for row in rows if "required" in row[2] for name in re.findall(r"`([^`]*)`", row[1])]
    fields = MODELS[table].model_fields
    assert {name for name, field in fields.items() if field.is_required()} <= set(required)


def test_every_method_and_kind_of_caution_is_named():
    for method in Method.__args__:
        assert f"`{method}`" in section("Tuning")
    assert documented("Cautions") == list(KINDS)


def test_the_examples_are_a_suite():
    example, grid, variants = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    suite = parse(example + variants, "docs/suites.md", registry())
    assert [w.name for w in suite.variants(suite.workload("moons"))] == ["moons-wide", "moons-resplit"]
    others = example.replace('[[candidates]]\nname = "', '[[candidates]]\nname = "my-')
    crossed = [c.name for c in parse(others + grid, "docs/suites.md", registry()).candidates]
    assert crossed[2:5] + crossed[-1:] == ["sgd", "sgd+decay", "sgd+warmup", "adam+warmup+decay"]
    assert suite.workload("moons-wide").network == {**suite.workload("moons").network, "hidden": [128]}


def test_links_lead_somewhere():
    anchors = {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in re.findall(r"^## (.*)$", PAGE, re.M)}
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= anchors
