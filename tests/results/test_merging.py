"""One store of several: parts of a suite from several machines, and what does not fit together."""

from dataclasses import replace

import pandas as pd
import pytest

import optbench
from optbench.cli import main
from optbench.contract.errors import OptbenchError
from optbench.results.archives import opened
from optbench.results.merging import merge
from optbench.store.store import Store
from optbench.trials.bits import difference
from support.suites import ACCURATE, LOW, bowl, moons, searched, suite

SUITE = suite(
    bowl(steps=40, target=LOW), moons("valley", target=ACCURATE), searched("sgd", "adam"), baseline="sgd"
)


def run(folder, text=SUITE, **limits):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.toml").write_text(text)
    optbench.run(folder / "tiny.toml", "serial", folder, report=False, **limits)
    return folder


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A whole run, and the same in parts that overlap, two of them on another machine, one without a baseline."""
    place = tmp_path_factory.mktemp("parts")
    run(place / "all")
    run(place / "one", candidates=["sgd"])
    run(place / "two", candidates=["sgd", "adam"], workloads=["valley"])
    run(place / "three", SUITE.replace('baseline = "sgd"', ""), candidates=["adam"], workloads=["bowl"])
    for name in ("two", "three"):
        elsewhere(place / name, "Other")
    return place


def elsewhere(folder, processor):
    """As if these trials had been made on another machine."""
    with Store(folder / "store.sqlite") as store:
        environment = store.environments()[0][0]
        store._db.execute("UPDATE texts SET text = replace(text, ?, ?)", (
            '"processor":"' + environment["processor"], '"processor":"' + processor))  # fmt: skip


def spoiled(folder, out, candidate="sgd", select=False):
    """A copy in which a final trial of a candidate on `valley` has another last bit, or another selection."""
    out.mkdir()
    with Store(folder / "store.sqlite", readonly=True) as store, Store(out / "store.sqlite", create=True) as other:
        other.set("suite", store.get("suite"))
        other.made_in({"processor": "Other", "blas": "b"})
        assignments = store.assignments()
        other.assign(assignments)
        for a in assignments:
            result = store.run(a.trial.key)
            if (a.workload, a.candidate, a.phase, a.number) == ("valley", candidate, "final", 1) and not select:
                first, *rest = result.measurements
                first = replace(first, train_loss=first.train_loss * (1 + 1e-15))
                result = replace(result, measurements=(first, *rest))
            other.add(a.trial, result)
        for place, key in store.selected().items():
            tuned = [a.trial.key for a in assignments
                     if a.phase == "tune" and (a.workload, a.candidate) == place[:2]]  # fmt: skip
            other.select(*place, next(k for k in tuned if k != key) if select and place[1] == candidate else key)
    return out


def table(folder):
    trials = optbench.load(folder).trials
    columns = ["workload", "candidate", "phase", "number", "key", "selected", "outcome", "steps_to_target",
               "final_train_loss"]  # fmt: skip
    return trials[columns].sort_values(columns[:4]).reset_index(drop=True)


def test_parts_make_the_whole(parts, tmp_path):
    found = merge([parts / "one", parts / "two", parts / "three"], tmp_path / "out")
    assert found.trials == 16
    assert found.given == {str(parts / "one"): 8, str(parts / "two"): 4, str(parts / "three"): 4}
    assert found.missing == []
    pd.testing.assert_frame_equal(table(tmp_path / "out"), table(parts / "all"))
    merged, whole = optbench.load(tmp_path / "out"), optbench.load(parts / "all")
    columns = ["score", "iqm", "solved"]
    assert merged.leaderboard()[columns].equals(whole.leaderboard()[columns])
    assert merged.baseline == "sgd"
    # each trial remembers where it was made, and costs stay by machine
    assert [(e["processor"] == "Other", count) for e, count in merged.environments] == [(False, 8), (True, 8)]
    scaled = {(s.workload, s.candidate): s.by for s in merged.scaled}
    assert scaled == {("valley", "adam"): ("sgd",), ("bowl", "adam"): ()}
    costs = merged.costs.set_index(["workload", "candidate"])["seconds_per_step"]
    one = optbench.load(parts / "one").costs.set_index(["workload", "candidate"])["seconds_per_step"]
    assert costs["valley", "sgd"] == one["valley", "sgd"]
    assert pd.isna(costs["bowl", "adam"])
    # and a merged store is gone on with like any other: nothing is left to do
    again = optbench.run(parts / "all" / "tiny.toml", "serial", tmp_path / "out", report=False)
    assert [count for _, count in again.environments] == [8, 8]


def test_order_does_not_matter_for_tables(parts, tmp_path):
    merge([parts / "three", parts / "two", parts / "one"], tmp_path / "out")
    pd.testing.assert_frame_equal(table(tmp_path / "out"), table(parts / "all"))


def test_what_nobody_ran_is_said(parts, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["merge", str(parts / "one"), str(parts / "two"), "--out", str(tmp_path / "out")])
    assert stop.value.code == 0
    assert "nobody ran adam on bowl" in capsys.readouterr().out


def test_other_numbers_of_seeds_are_united(parts, tmp_path, capsys):
    """Whoever has more brings the others; what each has is said, and pairs are those that both have."""
    run(tmp_path / "more", seeds=4, candidates=["sgd"])
    run(tmp_path / "few", seeds=2, candidates=["sgd", "adam"])
    for order in (["more", "few"], ["few", "more"]):
        out = tmp_path / f"of {order[0]}"
        found = merge([tmp_path / name for name in order], out)
        assert found.seeds == {(w, c): n for w in ("bowl", "valley") for c, n in (("sgd", 4), ("adam", 2))}
        assert optbench.load(out).suite["seeds"] == 4
        final = optbench.load(out).trials.query("phase == 'final'")
        sgd, adam = (set(final.query(f"candidate == '{name}'")["seed"]) for name in ("sgd", "adam"))
        assert adam < sgd
        questions = optbench.load(out).verdict().questions
        assert [(q.name, [c.pairs for c in q.comparisons]) for q in questions] == [("time", [2]), ("result", [2])]
        assert "adam" in optbench.load(out).cautions()["candidate"].to_list()
    with pytest.raises(SystemExit) as stop:
        main(["merge", str(tmp_path / "few"), str(tmp_path / "more"), "--out", str(tmp_path / "out")])
    assert stop.value.code == 0
    told = capsys.readouterr().out
    assert "fresh seeds on valley: sgd 4, adam 2; comparisons use those that both candidates have" in told


@pytest.mark.parametrize("select", [False, True])
def test_conflicts_are_refused_or_decided_study_by_study(parts, tmp_path, select):
    other = spoiled(parts / "all", tmp_path / "other", select=select)
    words = "another setting was selected" if select else r"final 1, seed 2.*train_loss.*1\.\de-1[56]"
    with pytest.raises(OptbenchError, match=rf"sgd on valley: .*{words}") as error:
        merge([parts / "all", other], tmp_path / "out")
    assert "environments differ in processor" in str(error.value)
    assert "--prefer" in str(error.value)
    assert not (tmp_path / "out").exists()
    found = merge([parts / "all", other], tmp_path / "out", prefer=other)
    places = {c.place for c in found.decided}
    assert places == {("valley", "sgd", 0), ("bowl", "sgd", 0)} if select else {("valley", "sgd", 0)}
    with Store(tmp_path / "out" / "store.sqlite", readonly=True) as store, \
            Store(other / "store.sqlite", readonly=True) as theirs:  # fmt: skip
        assert store.selected() == {**theirs.selected()}
        for a in store.assignments():
            assert difference(store.run(a.trial.key), theirs.run(a.trial.key)) is None
    merge([parts / "all", other], tmp_path / "ours", prefer=parts / "all")
    pd.testing.assert_frame_equal(table(tmp_path / "ours"), table(parts / "all"))


@pytest.mark.parametrize(
    ("change", "limits", "words"),
    [
        (("", ""), {"trials": 3}, "tuning.trials differs"),
        (("value = 0.8", "value = 0.9"), {}, "workload valley differs in target.value"),
        (('name = "adam", search = ["lr"]', 'name = "adam", search = ["lr", "beta1"]'), {}, "candidate adam"),
    ],
)
def test_another_plan_is_refused(parts, tmp_path, change, limits, words):
    run(tmp_path / "other", SUITE.replace(*change), **limits)
    with pytest.raises(OptbenchError, match=words):
        merge([parts / "all", tmp_path / "other"], tmp_path / "out")


def test_what_cannot_be_asked(parts, tmp_path):
    with pytest.raises(OptbenchError, match="named twice"):
        merge([parts / "one", parts / "one"], tmp_path / "out")
    with pytest.raises(OptbenchError, match="not one of the stores"):
        merge([parts / "one", parts / "two"], tmp_path / "out", prefer=tmp_path)
    with pytest.raises(OptbenchError, match="a store already"):
        merge([parts / "one", parts / "two"], parts / "all")


def test_an_archive_becomes_a_folder_again(tmp_path):
    with opened("reference", "quick") as path:
        merge([path], tmp_path / "out")
    assert len(optbench.load(tmp_path / "out").leaderboard()) == 7
