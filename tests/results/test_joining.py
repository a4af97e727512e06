"""Archives of a workload each are read as one store."""

import pandas as pd
import pytest

import optbench
from optbench.contract.errors import OptbenchError
from optbench.referee.synthetic import synthetic_store
from optbench.results.archives import opened, pack
from optbench.results.results import Results
from optbench.store.store import Store
from support.suites import ACCURATE, LOW, bowl, claim, moons, searched, suite


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A run of two workloads, and a folder with an archive of each, in an order that is not the suite's."""
    folder = tmp_path_factory.mktemp("parts")
    claims = claim("Adam.", ("moons", "bowl"), better="adam", worse="sgd")
    claims += claim("Sgd.", ("bowl",), better="sgd", worse="adam")
    text = suite(moons(target=ACCURATE), bowl(target=LOW), searched("sgd", "adam"), claims, baseline="sgd")
    (folder / "tiny.toml").write_text(text)
    optbench.run(folder / "tiny.toml", "serial", folder / "whole", report=False)
    for name in ("moons", "bowl"):
        pack(folder / "whole", folder / "kept" / f"{name}.sqlite.xz", [name])
    return folder


def test_together_they_are_the_whole(parts):
    before = Results(parts / "whole")
    with opened(parts / "kept") as path:
        after = Results(path)
        assert after.suite == before.suite
        order = ["workload", "candidate", "phase", "number"]
        frames = [results.trials.sort_values(order, ignore_index=True) for results in (before, after)]
        pd.testing.assert_frame_equal(*frames)
        assert after.leaderboard().equals(before.leaderboard())
        assert after.claims()["verdict"].tolist() == before.claims()["verdict"].tolist()
        frames = [results.costs.sort_values(order[:2], ignore_index=True) for results in (before, after)]
        pd.testing.assert_frame_equal(*frames)
        with Store(path, readonly=True) as copy, Store(before.path, readonly=True) as store:
            assert copy.selected() == store.selected()
            assert copy.finished() == store.finished()
            assert copy.get("costs_of") == store.get("costs_of")
            assert copy.get("load").keys() == {"moons", "bowl"}
            for key in store.finished():
                assert copy.origin(key) == store.origin(key)


def test_of_one_alone_claims_about_others_wait(parts):
    with opened(parts / "kept", workloads=["bowl"]) as path:
        assert Results(path).claims()["statement"].tolist() == ["Sgd."]
    with opened(parts / "kept" / "moons.sqlite.xz") as path:
        assert len(Results(path).claims()) == 0
        assert set(Results(path).trials["workload"]) == {"moons"}


def test_a_run_stands_beside_them(parts, tmp_path):
    results = optbench.run(
        parts / "tiny.toml", "serial", tmp_path, candidates=["rmsprop"], workloads=["bowl"], against=parts / "kept",
        report=False,
    )  # fmt: skip
    assert results.reference["trials"] == 8
    assert set(results.leaderboard().index) == {"sgd", "adam", "rmsprop"}


def test_one_workload_twice_is_refused(parts, tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.sqlite.xz").write_bytes((parts / "kept" / "bowl.sqlite.xz").read_bytes())
    with pytest.raises(OptbenchError, match=r"both hold workload bowl: merge them"), opened(tmp_path):
        pass


def test_absorbing_is_copying_run_by_run(tmp_path):
    """Two stores with trials in common: the first one's runs stay, as of `copy_run`."""
    one = synthetic_store(tmp_path / "one", 3, 2, seeds=3, trials=4)
    two = synthetic_store(tmp_path / "two", 3, 3, seeds=4, trials=4)
    fast, slow = tmp_path / "fast.sqlite", tmp_path / "slow.sqlite"
    for place in (fast, slow):
        with Store(place, create=True) as target:
            for source in (one, two):
                with Store(source, readonly=True) as other:
                    if place == fast:
                        target.absorb(other)
                        continue
                    target.assign(other.assignments())
                    target.select_all((*where, key) for where, key in other.selected().items())
                    for a in other.assignments():
                        target.copy_run(other, a.trial)
    with Store(fast, readonly=True) as ours, Store(slow, readonly=True) as theirs:
        assert ours.assignments() == theirs.assignments()
        assert ours.selected() == theirs.selected()
        assert ours.finished() == theirs.finished()
        for key in theirs.finished():
            assert ours.packed(key) == theirs.packed(key)
