"""Selected settings at the ends of their ranges."""

import pytest

from optbench.contract.hyperparameters import Hyper
from optbench.statistics.cautions.edges import edges
from optbench.tuning.scales import from_unit

RATE = Hyper(0.1, 0.001, 10.0, "log")


@pytest.mark.parametrize(
    ("place", "end"), [(0.0, "low"), (0.02, "low"), (0.03, ""), (0.5, ""), (0.97, ""), (0.98, "high"), (1.0, "high")]
)
def test_which_end(make, place, end):
    trials = make.trials(make.rows("a", chosen=from_unit(RATE, place)))
    found = list(edges(make.suite(make.candidate("a")), trials))
    assert len(found) == bool(end)
    for caution in found:
        assert (caution.kind, caution.workload, caution.candidate) == ("edge", "w", "a")
        assert f"at the {end} end of its searched range 0.001 … 10" in caution.message
        assert caution.message.startswith(f"selected lr = {from_unit(RATE, place):.3g}")


def test_of_several_studies_the_number(make):
    trials = make.trials(*(make.rows("a", chosen=c, study=i) for i, c in enumerate([10.0, 0.1, 9.9])))
    (caution,) = edges(make.suite(make.candidate("a"), studies=3), trials)
    assert "selected lr = 10, 9.9 in 2 of 3 studies" in caution.message


def test_what_was_not_searched_has_no_edge(make):
    trials = make.trials(make.rows("a", chosen=0.001))
    fixed = make.candidate("a", optimizer=make.optimizer("sgd", search={}))
    assert not list(edges(make.suite(fixed), trials))
    # a suite of another time, without ranges
    assert not list(edges({"candidates": [{"name": "a"}], "workloads": [{"name": "w"}]}, trials))


def test_only_selected_settings_count(make):
    trials = make.trials(make.rows("a", chosen=0.001))
    assert not list(edges(make.suite(make.candidate("a")), trials.assign(selected=False)))
