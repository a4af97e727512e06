"""One's own candidate beside stored results: what is taken, what is refused, what is timed."""

import json
import shutil
import sqlite3

import pytest

import optbench
from optbench.contract.errors import OptbenchError
from optbench.report.words.origins import reference_lines
from optbench.running.progress import Watcher
from optbench.store.store import Store
from optbench.trials.trial import canonical
from support.suites import ACCURATE, LOW, bowl, moons, searched, suite

SUITE = suite(moons(target=ACCURATE), bowl(target=LOW), searched("sgd", "adam"), baseline="sgd")


class Said(Watcher):
    def __init__(self):
        super().__init__()
        self.lines = []

    def say(self, text):
        self.lines.append(text)


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """The results of another machine, which is twice as quick."""
    folder = tmp_path_factory.mktemp("there")
    (folder / "tiny.toml").write_text(SUITE)
    optbench.run(folder / "tiny.toml", "serial", folder / "all", report=False)
    db = sqlite3.connect(folder / "all" / "store.sqlite")
    # what this machine's environment is, byte by byte, but for the processor
    db.execute("UPDATE texts SET text = replace(text, '\"processor\":\"', '\"processor\":\"Other ')")
    db.execute("UPDATE costs SET seconds_per_step = 1e-3, low = 1e-3, high = 1e-3 WHERE candidate = 'sgd'")
    db.execute("UPDATE costs SET seconds_per_step = 3e-3, low = 3e-3, high = 3e-3 WHERE candidate = 'adam'")
    db.commit()
    db.close()
    return folder


def run(there, out, suite=SUITE, **more):
    path = out.parent / "tiny.toml"
    path.write_text(suite)
    more = {"candidates": ["rmsprop"], "against": there / "all", "report": False, **more}
    return optbench.run(path, "serial", out, **more)


def test_only_ones_own_candidate_runs_and_all_are_compared(there, tmp_path):
    said = Said()
    results = run(there, tmp_path / "mine", watcher=said)
    assert said.done == 2 * (2 + 2)
    assert any("beside 16 stored trials of sgd, adam" in line for line in said.lines)
    whole = optbench.load(there / "all")
    columns = ["workload", "candidate", "phase", "number", "key", "selected", "steps_to_target", "final_train_loss"]
    theirs = results.trials[results.trials["candidate"] != "rmsprop"][columns].reset_index(drop=True)
    assert theirs.equals(whole.trials[columns])
    assert set(results.leaderboard().index) == {"sgd", "adam", "rmsprop"}
    assert results.baseline == "sgd"
    assert [c["name"] for c in results.suite["candidates"]] == ["sgd", "adam", "rmsprop"]
    assert [count for _, count in results.environments] == [16, 8]


def test_seconds_are_scaled_by_the_baseline_timed_on_both(there, tmp_path):
    results = run(there, tmp_path / "mine")
    costs = results.costs.set_index(["workload", "candidate"])["seconds_per_step"]
    for workload in ("moons", "bowl"):
        assert costs[workload, "adam"] == pytest.approx(3 * costs[workload, "sgd"])
        assert costs[workload, "sgd"] != 1e-3  # it was timed here, too
    assert {(s.candidate, s.by) for s in results.scaled} == {("adam", ("sgd",))}
    text = "\n".join(reference_lines(results))
    assert "sgd, adam: stored results, not run here" in text
    assert "multiplied by" in text
    assert "a step of sgd takes here" in text


@pytest.mark.slow
def test_a_run_without_it_later_runs_all(there, tmp_path):
    run(there, tmp_path / "mine")
    again = run(there, tmp_path / "mine")  # nothing twice
    assert len(again.trials) == 24
    said = Said()
    alone = run(there, tmp_path / "mine", against=None, candidates=None, watcher=said)
    assert said.done == 16
    assert alone.reference == {}
    assert reference_lines(alone) == []
    assert [count for _, count in alone.environments] == [24]  # rmsprop's are kept, in no table
    assert set(alone.trials["candidate"]) == {"sgd", "adam"}


@pytest.mark.slow
def test_ones_own_stands_for_the_references(there, tmp_path):
    said = Said()
    results = run(there, tmp_path / "mine", candidates=["adam"], watcher=said)
    assert said.done == 8
    assert results.reference["candidates"] == ["sgd"]
    assert len(results.trials) == 16


@pytest.mark.parametrize(
    ("change", "more", "words"),
    [
        (("", ""), {"seeds": 3}, "seeds is 2 there and 3 here"),
        (("", ""), {"trials": 5}, "tuning.trials is 2 there and 5 here"),
        (('value = 0.8', 'value = 0.9'), {}, "moons differs in target.value.*only the others: --workload bowl"),
        (('name = "bowl"', 'name = "bowl-2"'), {}, "bowl-2 is missing"),
        (('samples = 120', 'samples = 130'), {"workloads": ["moons"]}, "in dataset.samples; run all candidates$"),
        (('name = "adam", search = ["lr"]', 'name = "adam", search = ["lr", "beta1"]'), {"candidates": ["sgd"]},
         "no candidate of the reference is left.*adam.*optimizer.search"),
    ],
)  # fmt: skip
def test_what_does_not_compare_is_refused(there, tmp_path, change, more, words):
    with pytest.raises(OptbenchError, match=words):
        run(there, tmp_path / "mine", SUITE.replace(*change), **more)


@pytest.mark.slow
def test_a_candidate_that_is_another_now_is_left_out_by_name(there, tmp_path):
    suite = SUITE.replace('name = "adam", search = ["lr"]', 'name = "adam", search = ["lr", "beta1"]')
    results = run(there, tmp_path / "mine", suite)
    assert results.reference["candidates"] == ["sgd"]
    assert "adam of the reference is left out" in "\n".join(reference_lines(results))


@pytest.mark.slow
def test_other_versions_are_told_and_another_contract_is_refused(there, tmp_path):
    with Store(there / "all" / "store.sqlite", readonly=True) as store:
        environment = store.environments()[0][0]
    folder = tmp_path / "older"
    folder.mkdir()
    (folder / "store.sqlite").write_bytes((there / "all" / "store.sqlite").read_bytes())
    db = sqlite3.connect(folder / "store.sqlite")
    packages = {**environment["packages"], "optbench": "0.0.9"}
    text = json.dumps({**environment, "packages": packages}, sort_keys=True, separators=(",", ":"))
    (number,) = db.execute("SELECT DISTINCT environment FROM runs").fetchone()
    db.execute("UPDATE texts SET text = ? WHERE id = ?", (text, number))
    db.commit()
    results = run(there, tmp_path / "mine", against=folder)
    assert "made with optbench 0.0.9, this run with" in "\n".join(reference_lines(results))
    db.execute("UPDATE trials SET contract = 77")
    db.commit()
    db.close()
    with pytest.raises(OptbenchError, match="contract 77"):
        run(there, tmp_path / "mine", against=folder)


def test_a_reference_of_other_code_is_named_and_of_other_data_refused(there, tmp_path):
    shutil.copytree(there / "all", tmp_path / "all")
    path = tmp_path / "all" / "store.sqlite"

    def changed(label):
        db = sqlite3.connect(path)
        for number, text in db.execute("SELECT id, text FROM texts").fetchall():
            table = json.loads(text)
            if isinstance(table, dict) and label in table and "engine" in table:
                db.execute("UPDATE texts SET text = ? WHERE id = ?", (canonical({**table, label: "0" * 12}), number))
        db.commit()
        db.close()

    changed("optimizer:adam")
    said = Said()
    run(there, tmp_path / "mine", against=tmp_path / "all", watcher=said)
    assert "warning: adam: its source changed since the reference was made" in said.lines
    changed("data:two-moons")
    with pytest.raises(OptbenchError, match=r"two-moons: its data changed since it was made; run all candidates"):
        run(there, tmp_path / "other", against=tmp_path / "all")


def test_a_reference_without_a_word_of_finalists_had_none():
    from optbench.registry.registry import registry
    from optbench.results.reference import check_budget
    from optbench.suite import parse

    text = suite(bowl(), searched("adam"), tuning=(("trials", 6), ("finalists", 1)))
    chosen = parse(text, "t.toml", registry())
    old = chosen.model_dump(mode="json")
    del old["tuning"]["finalists"], old["tuning"]["confirm"]
    check_budget("old", old, chosen)
    more = parse(text.replace("finalists = 1", "finalists = 2"), "t.toml", registry())
    with pytest.raises(OptbenchError, match=r"tuning\.finalists is 1 there and 2 here"):
        check_budget("old", old, more)
