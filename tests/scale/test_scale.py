"""The scripts that say how far optbench goes, on small sizes."""

from pathlib import Path

import pytest

from optbench.tuning import planned

SUITES = Path(__file__).resolve().parents[2] / "suites"


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(SUITES)
    from scale import million

    return million


def costs(scripts, **changed):
    small = {"plan": 0, "unpickle": 0, "store": 0, "commit": 0, "scheduler": 0, "row": 1}
    return scripts.Costs(**(small | changed))


def test_workers_that_wait_for_nobody_are_always_busy(scripts):
    found = scripts.simulate(1000, 10, 1.0, 1, costs(scripts))
    assert found["seconds"] == pytest.approx(100, rel=0.05)
    assert found["workers"] > 0.95
    assert scripts.hindrance(found) == "nothing"


def test_the_slowest_queue_decides(scripts):
    run = scripts.simulate(1000, 100, 0.01, 1, costs(scripts, store=0.5))
    assert run["seconds"] == pytest.approx(500, rel=0.02)
    assert (scripts.hindrance(run), run["run"]) == ("run", pytest.approx(1, abs=0.02))
    scheduler = scripts.simulate(1000, 100, 0.01, 1, costs(scripts, scheduler=0.2))
    assert scheduler["seconds"] == pytest.approx(200, rel=0.02)
    assert scripts.hindrance(scheduler) == "scheduler"


def test_a_unit_of_many_trials_shares_its_commit(scripts):
    one, ten = (scripts.simulate(1000, 100, 0.01, unit, costs(scripts, commit=0.5))["seconds"] for unit in (1, 10))
    assert one / ten == pytest.approx(10, rel=0.1)


def test_the_soak_has_the_trials_that_were_asked_for(monkeypatch, scripts, capsys):
    pytest.importorskip("psutil")
    from scale import soak

    assert planned(soak.suite(2500)) == 3000
    monkeypatch.setattr(soak, "OPTIMIZERS", ("sgd",))
    monkeypatch.setattr(soak, "FUNCTIONS", 1)
    monkeypatch.setattr(soak, "training_alone", lambda chosen: 0.0)
    monkeypatch.setattr("sys.argv", ["soak.py", "--trials", "20", "--engine", "serial"])
    assert soak.main() == 0
    rows = capsys.readouterr().out.splitlines()
    assert [int(row.split()[0]) for row in rows[1:11]] == list(range(2, 21, 2))
