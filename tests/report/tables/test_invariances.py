"""Whose path changes with names, order or units, as the page tells."""

from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from optbench import Optimizer, hookimpl
from optbench.registry.registry import registry
from optbench.report.sections import context, sections
from optbench.report.tables import invariances
from optbench.report.tables.invariances import found_of, invariance_table, looked_at, sentences
from optbench.suite.files import load
from optbench.testing import registry_of

ALL = ["permuted_units", "renamed_tensors", "reordered_tensors", "scaled_loss", "turned_matrices"]


@dataclass(frozen=True)
class LastSlowly(Optimizer):
    name = "last-slowly"
    reference = "Nobody 1900"
    expected_failures = {"check_reordered_tensors": "what lies last is the head"}

    def step(self, params, grads, state, context):
        grads[context.layout[-1].slice] *= 0.5
        params -= 0.1 * context.factor * grads


@dataclass(frozen=True)
class Foreign(LastSlowly):
    name = "foreign"
    bridge = "elsewhere 1.0"


@dataclass(frozen=True)
class Raises(LastSlowly):
    name = "raises"

    def step(self, params, grads, state, context):
        raise ValueError("not this network")


def named(*names):
    return {name: {"name": name} for name in names}


@pytest.fixture
def _plugins(monkeypatch):
    offers = ModuleType("offers")
    offers.optbench_optimizers = hookimpl(lambda: [LastSlowly, Foreign, Raises], specname="optbench_optimizers")
    plugins = registry_of(offers)
    monkeypatch.setattr(invariances, "registry", lambda: plugins)


def test_a_word_for_each_case():
    table = invariance_table(found_of({**named("sgd", "adam"), "wide": {"name": "rmsprop-inside", "lr": 0.01}}))
    texts = {row.candidate: [cell.text for cell in row.cells[1:]] for row in table.rows}
    assert texts["sgd"] == ["holds", "holds", "holds", "not claimed", "holds"]
    assert texts["adam"] == ["holds", "holds", "holds", "holds", "not claimed"]
    assert texts["wide"][3].startswith("but for eps (")
    assert [column.name for column in table.columns] == ["candidate", *ALL]
    assert list(table.source["scaled_loss"]) == ["not claimed", "holds", "but for eps"]
    assert table.source["turned_matrices_difference"].notna().tolist() == [True, False, False]
    assert np.nanmax(table.source["permuted_units_difference"]) < 1e-9


@pytest.mark.usefixtures("_plugins")
def test_what_changes_is_named_with_its_reason():
    found = found_of(named("last-slowly", "sgd", "kron"))
    told = sentences(found)
    assert told[0] == "last-slowly goes another way with reordered tensors: what lies last is the head."
    assert told[1].startswith("kron goes another way with permuted units: triangles take units in their order")
    assert told[2].startswith("kron draws other numbers with reordered tensors, and goes the same way where")
    assert len(told) == 3
    (cell,) = [row.cells[3] for row in invariance_table(found).rows if row.candidate == "last-slowly"]
    assert cell.text == f"changes ({100 * cell.value:.0f} %)"


@pytest.mark.usefixtures("_plugins")
def test_who_is_not_at_hand_is_left_out():
    assert list(found_of(named("mine.py:Lion", "foreign", "raises", "adam"))) == ["adam"]
    assert found_of({"adam": {"name": "adam", "gone": 1.0}}) == {}


def test_candidates_are_read_as_a_suite_stores_them():
    suite = load("quick", registry())
    stored = suite.model_dump(mode="json")["candidates"]
    asked = looked_at(stored, [], suite.baseline, pd.DataFrame())
    assert all("search" in settings for settings in asked.values())
    assert sorted(found_of(asked)) == sorted(c["name"] for c in stored)


def test_alike_optimizers_are_looked_at_once(monkeypatch):
    asked = []
    monkeypatch.setattr(invariances, "invariances", lambda one: asked.append(one) or [])
    found = found_of({"a": {"name": "adam"}, "b": {"name": "adam"}, "c": {"name": "adam", "lr": 0.1}})
    assert list(found) == ["a", "b", "c"]
    assert len(asked) == 2


def test_focus_and_baseline_come_first_and_of_many_they_come_alone():
    def those(count, focus=(), trials=None, costs=None):
        candidates = [{"name": f"c{k}", "optimizer": {"name": "sgd"}} for k in range(count)]
        return list(looked_at([*candidates, {"name": "beside"}], focus, "c1", pd.DataFrame(trials), costs))

    assert those(4, ["c3"]) == ["c3", "c1", "c0", "c2"]
    assert those(31, ["c7"]) == ["c7", "c1"]
    trials = {"candidate": ["c0", "c1", "c2"], "outcome": ["crashed", "diverged", "done"]}
    assert those(3, trials=trials) == ["c1", "c2"]
    costs = pd.DataFrame({"candidate": ["c0", "c0", "c2", "c2"], "seconds_per_step": [1.0, 1e-4, 1.0, 2.0]})
    assert those(3, costs=costs) == ["c1", "c0"]


def test_the_record_has_a_section_of_it(make_results):
    results = make_results(["sgd", "adam", "kron"], ["digits-mlp", "moons-mlp"], seeds=2, tune=2, points=4)
    part = {part.id: part for part in sections(context(results))}["invariances"]
    assert (part.group, part.gist) == ("Record", "kron: not all hold")
    assert [row.candidate for row in part.tables[0].rows] == ["sgd", "adam", "kron"]
    assert part.paragraphs == sentences(found_of(named("sgd", "adam", "kron")))
    results = make_results(["sgd", "adam"], ["digits-mlp", "moons-mlp"], seeds=2, tune=2, points=4)
    part = {part.id: part for part in sections(context(results))}["invariances"]
    assert (part.gist, part.paragraphs) == ("all hold", ["None of these changes the path of any."])
    assert part.notes == []
    results = make_results(["sgd", "a.py:Mine"], ["digits-mlp", "moons-mlp"], seeds=2, tune=2, points=4)
    part = {part.id: part for part in sections(context(results))}["invariances"]
    assert part.notes == ["Not looked at here: a.py:Mine; `optbench check NAME` does."]
    results = make_results(["a.py:Mine", "b.py:Mine"], ["digits-mlp", "moons-mlp"], seeds=2, tune=2, points=4)
    assert "invariances" not in {part.id for part in sections(context(results))}
