"""Timing the costs of a step: in groups that are kept, with words on how far it is."""

import pytest

import optbench
from optbench.registry.registry import registry
from optbench.running import calibration
from optbench.running.calibration import groups, measure_costs
from optbench.running.progress import Watcher
from optbench.store.store import STORE, Store
from support.stores import trial
from support.suites import bowl, candidate, suite

COUNT = 8
CANDIDATES = [candidate(f"sgd-{i}", optimizer={"name": "sgd", "lr": 0.01 + i / 1000}) for i in range(COUNT)]
SUITE = suite(bowl(steps=20), bowl("other", steps=30), *CANDIDATES, baseline="sgd-3", seeds=1)


def trials(count):
    return {f"c{i}": trial(seed=i) for i in range(count)}


def test_few_are_timed_side_by_side():
    """All of them again where one is new, or its setting is another now."""
    few = trials(4)
    keys = {t.key for t in few.values()}
    assert groups(few, keys, "c0") == []
    assert groups(few, set(), "c0") == [few]
    assert groups(few, set(list(keys)[1:]), "c0") == [few]
    assert groups(few, {*keys, "older"}, "c0") == [few]


@pytest.mark.parametrize("baseline", ["c5", None])
def test_many_are_timed_in_groups_with_the_baseline(baseline):
    many = trials(3 * calibration.GROUP)
    anchor = baseline or "c0"
    found = groups(many, set(), baseline)
    assert all(len(group) <= calibration.GROUP and anchor in group for group in found)
    assert [name for group in found for name in group if name != anchor] == [n for n in many if n != anchor]
    done = {t.key for group in found[:2] for t in group.values()}
    assert groups(many, done, baseline) == found[2:]  # what an interrupted run goes on with
    assert groups(many, {t.key for t in many.values()}, baseline) == []


class Interrupts(Watcher):
    """Presses Ctrl-C at the n-th word on how far the timing is."""

    def __init__(self, after):
        super().__init__()
        self.after, self.stages = after, []

    def stage(self, text):
        self.stages.append(text)
        if sum("left" in stage for stage in self.stages) == self.after:
            raise KeyboardInterrupt


def test_what_is_timed_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(calibration, "GROUP", 3)
    monkeypatch.setattr(calibration, "SAY_EVERY", 0.0)
    (tmp_path / "tiny.toml").write_text(SUITE)
    parts = 3 * (1 + calibration.ROUNDS)
    watcher = Interrupts(after=5 * parts + 2)  # of eight groups five are whole
    with pytest.raises(KeyboardInterrupt):
        optbench.run(tmp_path / "tiny.toml", "serial", tmp_path / "out", report=False, watcher=watcher)
    assert watcher.stages[-1].startswith("timing a step: ")
    with Store(tmp_path / "out" / STORE) as store:
        before = store.measured_costs()
        assert len({(row.workload, row.candidate) for row, _ in before}) == COUNT + 3
        again = Interrupts(after=-1)
        measure_costs(store, registry(), again)
        after = {(row.workload, row.candidate): row for row, _ in store.measured_costs()}
        assert len(after) == 2 * COUNT
        kept = [row for row, _ in before if row.candidate != "sgd-3"]
        assert all(after[row.workload, row.candidate] == row for row in kept)
        assert "left" in again.stages[-1]
        assert f" of {2 + 3 + 3} are done" in again.stages[-1]  # three groups
        none = Interrupts(after=-1)
        measure_costs(store, registry(), none)
        assert none.stages == []


def test_rounds_have_whole_periods_of_methods_that_work_every_tenth_step(monkeypatch):
    asked = []
    monkeypatch.setattr(calibration, "warm", lambda *_: {"dear": object(), "cheap": object()})
    costs = iter([0.05, 0.00057])

    def steps_for(training, count):
        asked.append(count)
        return next(costs, 0.01)

    monkeypatch.setattr(calibration, "steps_for", steps_for)
    calibration.calibrate("digits", {}, None, 0.012)
    assert asked[:2] == [10, 10]
    assert set(asked[2::2]) == {10}
    assert set(asked[3::2]) == {20}
