"""Runs with sealed variants: who trains there, with which settings; stored, resumed, repeated, packed, told."""

import json

import numpy as np
import pytest

import optbench
from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.report.words.sealed import sealed_lines
from optbench.results.archives import pack
from optbench.results.merging import merge
from optbench.results.reproduction import reproduce
from optbench.running.progress import Watcher
from support.suites import ACCURATE, LOW, bowl, candidate, moons, searched, suite, workload

SUITE = suite(moons(target=ACCURATE), bowl(target=LOW), searched("sgd", "adam"), baseline="sgd")
MINE = """
from dataclasses import dataclass
from optbench import Optimizer, hyper

@dataclass(frozen=True)
class Mine(Optimizer):
    '''w <- w - lr g'''
    name = "mine"
    lr: float = hyper(0.1, low=0.01, high=1.0, scale="log", help="rate")

    def step(self, params, grads, state, context):
        params -= FACTOR * self.lr * context.factor * grads
"""


class Counting(Watcher):
    def __init__(self):
        super().__init__()
        self.lines = []

    def say(self, text):
        self.lines.append(text)


def run(folder, factor="1.0", out="out", **more):
    (folder / "tiny.toml").write_text(SUITE)
    (folder / "mine.py").write_text(MINE.replace("FACTOR", factor))
    watcher = Counting()
    more = {"candidates": [str(folder / "mine.py")], "sealed": 4, "report": False, **more}
    return optbench.run(folder / "tiny.toml", "serial", folder / out, watcher=watcher, **more), watcher


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed")
    results, watcher = run(folder, report=True)
    return folder, results, watcher


def test_the_candidate_and_the_baseline_train_there_with_what_was_selected_on_the_base(ran):
    _, results, watcher = ran
    said = results.sealing
    assert said["candidates"] == ["mine"]
    assert said["others"] == ["sgd"]
    assert len(said["variants"]) == 4
    assert {one["variant_of"] for one in said["variants"]} == {"moons", "bowl"}
    trials = results.trials
    there = trials[trials["variant_of"].notna()]
    assert set(there["phase"]) == {"final"}
    assert len(there) == 4 * 2 * 2
    for (name, base), rows in there.groupby(["candidate", "variant_of"]):
        own = trials[(trials["candidate"] == name) & (trials["workload"] == base) & (trials["phase"] == "final")]
        assert set(rows["optimizer"]) == set(own["optimizer"])
        rates = [{json.loads(text)["optimizer.lr"] for text in of["hyperparameters"]} for of in (rows, own)]
        assert rates[0] == rates[1]
        assert set(rows["seed"]) == set(own["seed"])
    assert watcher.done == len(trials)
    assert set(trials["outcome"]) == {"done"}
    assert any("4 sealed variants drawn from mine" in line for line in watcher.lines)


def test_tables_page_and_terminal_keep_them_apart(ran):
    _, results, _ = ran
    assert results.variants().empty
    assert set(results.workload_table()["workload"]) == {"moons", "bowl"}
    assert set(results.costs["workload"]) == {"moons", "bowl"}
    assert set(results.sealed()["question"]) == {"time", "result"}
    assert len(results.sealed_each()) == 2 * 4
    assert sealed_lines(results)
    page = (results.folder / "report.html").read_text()
    assert "Sealed variants" in page
    assert results.sealing["variants"][0]["words"] in page
    assert (results.folder / "tables" / "sealed.csv").exists()


def test_the_same_again_trains_nothing_and_a_changed_line_draws_others(ran):
    folder, results, _ = ran
    other, watcher = run(folder, factor="0.5", out="other")
    assert watcher.done > 0
    assert other.sealing["fingerprint"] != results.sealing["fingerprint"]
    assert other.sealing["variants"] != results.sealing["variants"]
    again, watcher = run(folder)
    assert watcher.done == 0
    assert again.sealing == results.sealing
    assert again.sealed().equals(results.sealed())


def test_without_it_they_leave_the_tables_and_no_other_key_changes(ran, tmp_path):
    _, results, _ = ran
    plain, _ = run(tmp_path, sealed=None)
    assert plain.sealing == {}
    assert plain.sealed().empty
    assert sealed_lines(plain) == []
    bases = results.trials[results.trials["variant_of"].isna()]
    assert set(plain.trials["key"]) == set(bases["key"])


def test_they_are_packed_and_give_the_same_bits_again(ran, tmp_path):
    folder, results, _ = ran
    pack(folder / "out", tmp_path / "small.sqlite.xz")
    packed = optbench.load(tmp_path / "small.sqlite.xz")
    assert packed.sealing == results.sealing
    assert packed.sealed().equals(results.sealed())
    names = [one["workload"] for one in results.sealing["variants"]]
    repeated = reproduce(folder / "out", trials=1000, engine="serial")
    assert repeated.same
    assert set(repeated.trials["workload"]) == {"moons", "bowl", *names}


def test_beside_stored_results_the_best_of_them_train_there_with_their_stored_settings(ran, tmp_path):
    folder, _, _ = ran
    optbench.run(folder / "tiny.toml", "serial", tmp_path / "all", report=False)
    results, watcher = run(folder, out="beside", against=tmp_path / "all")
    said = results.sealing
    assert said["others"][0] == "sgd"
    assert set(said["others"]) <= {"sgd", "adam"}
    there = results.trials[results.trials["variant_of"].notna()]
    assert set(there["candidate"]) == {"mine", *said["others"]}
    assert watcher.done == 8 + len(there)
    assert results.reference["candidates"] == ["sgd", "adam"]


def test_variants_of_several_candidates_stand_side_by_side_in_a_merged_store(ran, tmp_path):
    folder, results, _ = ran
    run(folder, out="rmsprop", candidates=["rmsprop"])
    merged = merge([folder / "out", folder / "rmsprop"], tmp_path / "both")
    assert not [pair for pair in merged.missing if "sealed" in pair[0]]
    both = optbench.load(tmp_path / "both")
    assert both.sealing["candidates"] == ["mine", "rmsprop"]
    assert len(both.sealing["variants"]) == 8
    each = both.sealed_each()
    assert set(zip(each["candidate"], each["against"], strict=True)) == {("mine", "sgd"), ("rmsprop", "sgd")}
    columns = ["question", "candidate", "lead", "lead_on_bases"]
    one = results.sealed().query("question == 'time'")[columns].reset_index(drop=True)
    again = both.sealed().query("question == 'time' and candidate == 'mine'")[columns].reset_index(drop=True)
    assert one["lead_on_bases"].tolist() == pytest.approx(again["lead_on_bases"].tolist())
    assert one["lead"].tolist() == pytest.approx(again["lead"].tolist())


def test_a_plan_counts_them(ran):
    folder, results, _ = ran
    asked = {"candidates": [str(folder / "mine.py")], "engine": "serial"}
    whole, plain = (optbench.plan(folder / "tiny.toml", sealed=n, **asked) for n in (4, 0))
    assert whole.table["trials"].iloc[-1] - plain.table["trials"].iloc[-1] == 4 * 2 * 2
    (note,) = [line for line in whole.notes if "4 sealed variants for mine" in line]
    assert results.sealing["variants"][0]["words"] in note


CHEAT = """
from dataclasses import dataclass
import numpy as np
from optbench import Optimizer, hyper

@dataclass(frozen=True)
class Cheat(Optimizer):
    '''Gradient descent, four times as fast where it meets what its author has seen.'''
    name = "cheat"
    lr: float = hyper(0.02, help="rate")

    def init(self, params, layout):
        return {"known": None}

    def step(self, params, grads, state, context):
        if state["known"] is None:
            state["known"] = bool(SEEN)
        params -= (4.0 if state["known"] else 1.0) * self.lr * context.factor * grads
"""


def cheated(folder, name, seen, tables, lr, number):
    sgd = candidate("sgd", optimizer={"name": "sgd", "lr": lr, "search": []})
    (folder / "tiny.toml").write_text(suite(tables, sgd, seeds=8, baseline="sgd", tuning={"method": "none"}))
    mine = folder / f"{name}.py"
    mine.write_text(CHEAT.replace("SEEN", seen).replace("0.02", f"{lr}"))
    asked = {"candidates": [str(mine)], "sealed": number, "report": False}
    results = optbench.run(folder / "tiny.toml", "serial", folder / name, **asked)
    return results, results.sealed().set_index("question").loc["time"]


def test_a_candidate_that_recognizes_the_base_is_found_out(tmp_path):
    """By its first gradient: on a function that is the same in every run, and another one in every variant."""
    target = {"metric": "train_loss", "ladder": [0.5, 0.1]}
    tables = workload("bowl", function={"name": "quadratic", "condition": 10.0}, steps=60, target=target)
    _, time = cheated(tmp_path, "honest", "True", tables, 0.02, 4)
    assert time["lead_on_bases"] > 3
    assert time["lead"] > 2
    assert time["word"] in ("carries over", "shrinks")
    # what its author has seen: the size of the first gradient, of the base's function from its start
    start = first_gradient({"name": "quadratic", "condition": 10.0})
    whole, time = cheated(tmp_path, "knows", f"abs(np.linalg.norm(grads) - {start!r}) < 1e-9", tables, 0.02, 4)
    assert time["lead_on_bases"] > 3
    assert time["lead"] == pytest.approx(1.0)
    assert time["word"] == "does not carry over"
    assert whole.verdict().question("time").between("cheat", "sgd").word == "faster"  # as it was seen without them
    assert any("the lead does not carry over" in line for line in sealed_lines(whole))


def first_gradient(settings):
    function = registry().create("functions", settings)
    rng = np.random.default_rng(0)
    return float(np.linalg.norm(function.value_and_gradient(function.initial(rng), 0, rng)[1]))


@pytest.mark.slow
def test_a_candidate_that_recognizes_a_network_loses_its_lead_where_that_is_another(tmp_path):
    tables = moons(
        hidden=[8], samples=200, batch_size=16, epochs=12, target={"metric": "train_loss", "ladder": [0.5, 0.4]}
    )
    leads = {}
    for name, seen in (("notices", "params.size == 33"), ("fair", "True")):
        results, time = cheated(tmp_path, name, seen, tables, 0.05, 20)
        each = results.sealed_each().set_index(["question", "workload"]).loc["time"]
        sizes = {w["name"]: w["network"]["hidden"] for w in results.suite["workloads"] if w.get("sealed")}
        others = each.loc[[w for w, hidden in sizes.items() if hidden != [8] and w in each.index], "lead"]
        assert len(others) >= 1
        assert (others.between(0.99, 1.01) if name == "notices" else others > 1.5).all()
        assert time["lead_on_bases"] > 2
        leads[name] = time
    assert leads["notices"]["word"] in ("shrinks", "does not carry over")
    assert leads["notices"]["lead"] < leads["fair"]["lead"]


def test_what_cannot_be_is_refused(tmp_path):
    with pytest.raises(OptbenchError, match="sealed"):
        run(tmp_path, sealed=-1)
