"""As many seeds as fit into so many minutes: all tuning, two seeds in any case, chosen once."""

import math
from types import SimpleNamespace

import pytest

import optbench
from optbench.results import spending
from optbench.results.spending import Spending, fitting, seconds_of
from optbench.running.estimate import Estimate
from optbench.running.progress import Watcher
from optbench.store.store import STORE, Store
from support.suites import LOW, bowl, moons, searched, suite

SUITE = suite(moons(target=LOW), bowl(target=LOW), searched("sgd", "adam"), baseline="sgd", seeds=4)


class Said(Watcher):
    def __init__(self):
        super().__init__()
        self.lines = []

    def say(self, text):
        self.lines.append(text)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A suite, on a clock that stands still where a seed takes 100 s."""
    (tmp_path / "tiny.toml").write_text(SUITE)
    monkeypatch.setattr(spending, "time", SimpleNamespace(monotonic=lambda: 7.0))
    monkeypatch.setattr(spending, "seconds_of", lambda *_: 100.0)
    return tmp_path


def run(place, **more):
    said = Said()
    arguments = {"minutes": 350 / 60, "report": False, "watcher": said, **more}
    results = optbench.run(place / "tiny.toml", "serial", place / "out", **arguments)
    final = results.trials[results.trials["phase"] == "final"]
    counts = set(final.groupby(["workload", "candidate"])["seed"].nunique())
    assert len(counts) == 1
    assert results.suite["seeds"] in counts
    assert len(results.trials[results.trials["phase"] == "tune"]) >= 2 * 2
    return counts.pop(), said


def test_what_fits_is_run_and_the_same_command_keeps_to_it(place, monkeypatch):
    seeds, said = run(place)
    assert seeds == 5
    assert "5 seeds: as many as fit into 5.83333 minutes of training" in said.lines
    assert said.done == 4 * (2 + 5)
    monkeypatch.setattr(spending, "seconds_of", lambda *_: 1.0)
    seeds, said = run(place)
    assert (seeds, said.done) == (5, 0)
    assert "5 seeds, as was chosen for 5.83333 minutes" in said.lines
    seeds, said = run(place, seeds_at_most=6)  # another question
    assert (seeds, said.done) == (6, 4)
    assert "6 seeds: the most there may be, which fit into 5.83333 minutes of training" in said.lines


def test_it_goes_on_to_the_number_that_was_chosen(place):
    """Killed after the choice: what is missing is run, and not chosen anew."""
    run(place)
    with Store(place / "out" / STORE) as store:
        gone = [a.trial.key for a in store.assignments() if a.phase == "final" and a.number >= 3]
        store.forget(gone)
    seeds, said = run(place)
    assert (seeds, said.done) == (5, len(set(gone)))


def test_tuning_and_two_seeds_are_run_in_any_case(place, monkeypatch):
    clock = iter([0.0, 600.0])
    monkeypatch.setattr(spending, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    seeds, said = run(place, minutes=5)
    assert seeds == 2
    assert "warning: 2 seeds: tuning and these took 10 minutes, 5 were given" in said.lines


def test_beside_stored_results_there_are_no_more_than_theirs(place):
    optbench.run(place / "tiny.toml", "serial", place / "all", report=False)
    said = Said()
    results = optbench.run(
        place / "tiny.toml", "serial", place / "mine", candidates=["rmsprop"], against=place / "all", minutes=60,
        report=False, watcher=said,
    )  # fmt: skip
    assert set(results.trials[results.trials["phase"] == "final"].groupby(["workload", "candidate"]).size()) == {4}
    assert "4 seeds: the most there may be, which fit into 60 minutes of training" in said.lines
    assert not results.until


@pytest.mark.parametrize(
    ("left", "each", "seeds"),
    [(99.0, 10.0, 11), (100.0, 10.0, 12), (9.0, 10.0, 2), (0.0, 10.0, 2), (-5.0, 10.0, 2), (1e6, 10.0, 20),
     (50.0, None, 2), (50.0, 0.0, 20)],
)  # fmt: skip
def test_how_many_fit(left, each, seeds):
    assert fitting(left, each, Spending(1.0, 20)) == seeds


def test_where_nothing_was_trained_now_the_network_tells():
    work = {("a", "sgd"): 10.0, ("a", "adam"): 10.0, ("b", "sgd"): 5.0}
    assert seconds_of(work, Estimate(work, {"a": 0.5, "b": 2.0}), 2) == pytest.approx((20 * 0.5 + 5 * 2.0) / 2)
    assert seconds_of(work, Estimate(work, {"a": 0.5}), 2) is None
    assert math.isfinite(seconds_of({}, Estimate(work, {}), 1))
