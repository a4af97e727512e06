"""`optbench data`, and `optbench run --data`: a file in hand, and nothing else."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

import optbench
from optbench import OptbenchError, Problem, get, hyper
from optbench.cli import main

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
FRAME = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": np.where(X[:, 0] * X[:, 1] > 0, "up", "down")})


@dataclass(frozen=True)
class Valley(Problem):
    """w1^2 + steepness w2^2, from (1, 0.1)."""

    name = "valley"
    steepness: float = hyper(1.0, valid="(0, inf)")

    def initial(self, rng):
        return np.array([1.0, 0.1], np.float32)

    def loss_and_gradient(self, w, step, rng, state):
        scale = np.array([1.0, self.steepness], w.dtype)
        return float(scale @ w**2), 2 * scale * w


@pytest.fixture
def call(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(list(map(str, arguments)))
        return stop.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    FRAME.to_csv("my.csv", index=False)
    return "my.csv"


def test_a_file(call, file):
    status, out, _ = call("data", file, "--target", "kind")
    assert status == 0
    for line in (
        "examples    120 (72 for train, 24 for validation, 24 for test)",
        "task        binary: loss binary_cross_entropy, metric accuracy",
        "in a suite: dataset = { name = \"csv\", path = \"my.csv\", task = \"binary\", target = \"kind\" }",
    ):
        assert line in out, out
    counts = FRAME["kind"].value_counts()
    assert f"classes     2: down {counts['down']}, up {counts['up']}" in out


def test_as_json(call):
    status, out, _ = call("data", "diabetes", "--json", "--set", "x=1")
    assert status == 2, "a setting that there is not"
    status, out, _ = call("data", "diabetes", "--json")
    found = json.loads(out)
    assert (found["task"], found["examples"]["train"], found["target"]["greatest"]) == ("regression", 266, 346)


@pytest.mark.parametrize("name", ["digits", "two-moons", "copy-memory", "diabetes"])
def test_a_picture(call, tmp_path, name):
    status, out, _ = call("data", name, "--out", tmp_path / "examples.png")
    assert status == 0
    assert (tmp_path / "examples.png").read_bytes().startswith(b"\x89PNG")
    assert f'in a suite: dataset = {{ name = "{name}" }}' in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digitz"], "error: there is no dataset 'digitz', nor a file of this name; did you mean 'digits'?"),
        (["mi.csv", "--target", "kind"], "error: dataset csv: path: there is no file mi.csv; did you mean 'my.csv'?"),
        (["my.csv"], "dataset csv: my.csv: target is missing: the column to be predicted, one of 'a', 'b', 'kind'"),
        (["my.csv", "--target", "kinds"], "there is no column 'kinds'; did you mean 'kind'?"),
        (["notes.txt"], "error: notes.txt: a file of data is one of .csv, .tsv, .parquet, .npz"),
        (["digits", "--out", "a.gif"], "error: --out a.gif: a picture ends in .png, .svg, .pdf"),
        (["digits", "--out", "no/where.png"], "error: --out no/where.png cannot be written: No such file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(call, file, arguments, message):
    status, out, error = call("data", *arguments)
    assert (status, out) == (2, "")
    assert message in error


def run(**more):
    return optbench.run("quick", "serial", seeds=2, trials=1, candidates=["adam"], report=False, **more)


def test_the_suite_s_candidates_on_a_file(file, tmp_path):
    results = run(data=file, target="kind")
    assert results.folder == tmp_path / "results" / "quick-my" or str(results.folder) == "results/quick-my"
    assert set(results.trials["workload"]) == {"my"}
    assert set(results.trials["candidate"]) == {"adam", "sgd"}, "the suite's baseline takes part"
    assert (results.trials["outcome"] == "done").all()
    keys = set(results.trials["key"])
    (tmp_path / "other").mkdir()
    moved = (tmp_path / file).rename(tmp_path / "other" / file)
    again = run(data=moved, target="kind", out=results.folder)
    assert set(again.trials["key"]) == keys, "what a file holds counts, not where it lies"


@pytest.mark.slow  # the machine's pace is measured
def test_a_run_on_a_file_is_planned_as_it_is_made(file, call):
    status, out, error = call("plan", "quick", "--data", file, "--target", "kind", "--candidate", "adam", "--json")
    assert (status, error) == (0, "")
    assert [row["workload"] for row in json.loads(out)["workloads"]] == ["my", "all"]
    whole = optbench.plan("quick", candidates=["adam"], data=FRAME, target="kind")
    assert set(whole.table["workload"]) == {"data", "all"}


@pytest.mark.parametrize(
    ("data", "target", "task"),
    [
        ((X, (X[:, 0] > 0).astype(int)), None, "binary"),
        ((X, np.where(X[:, 0] > 0, "up", "down")), None, "binary"),
        ((X, X[:, 0]), None, "regression"),
        (FRAME, "kind", "binary"),
        (FRAME[["a", "b"]], "b", "regression"),
    ],
)
def test_what_is_in_memory(tmp_path, data, target, task):
    results = run(data=data, target=target, out=tmp_path / "out")
    (workload,) = results.suite["workloads"]
    assert workload["dataset"]["task"] == task
    assert workload["target"]["metric"] == "train_loss"
    assert set(results.trials["outcome"]) <= {"done", "diverged"}, "a rate that is drawn may be too high"
    assert len(list((tmp_path / "out" / "data").iterdir())) == 1
    run(data=data, target=target, out=tmp_path / "out")
    assert len(list((tmp_path / "out" / "data").iterdir())) == 1, "the same content is kept once"


def test_a_dataset_in_hand(tmp_path):
    results = run(data=get("two-moons", samples=200), out=tmp_path / "out")
    assert results.suite["workloads"][0]["dataset"]["samples"] == 200


def test_a_problem_in_hand(tmp_path):
    results = run(data=Valley, out=tmp_path / "out")
    (workload,) = results.suite["workloads"]
    assert (workload["dtype"], workload["dataset"]) == ("float32", None)
    assert workload["target"]["ladder"][0] == pytest.approx(0.6 * 1.01)  # of the loss at the start
    assert (results.trials["outcome"] == "done").all()
    assert (results.trials["final_train_loss"] < 1.01).all()
    steeper = run(data=Valley(steepness=4.0), out=tmp_path / "other")
    assert steeper.suite["workloads"][0]["problem"]["steepness"] == 4.0
    assert not set(steeper.trials["key"]) & set(results.trials["key"])


@pytest.mark.parametrize(("name", "kind"), [("karate-club", "gcn"), ("random-graphs", "gin")])
def test_graphs_in_hand(tmp_path, name, kind):
    results = run(data=get(name, **({"samples": 60} if kind == "gin" else {})), out=tmp_path / "out")
    (workload,) = results.suite["workloads"]
    assert workload["network"]["name"] == kind
    assert workload["batch_size"] == ("full" if kind == "gcn" else 8)
    # Of two classes as frequent, and of three, in the training split: the first share of the loss of who guesses.
    assert workload["target"]["ladder"][0] == pytest.approx(0.6 * np.log(2 if kind == "gcn" else 3), abs=0.01)
    assert (results.trials["outcome"] == "done").all()


@pytest.mark.parametrize(
    ("data", "target", "message"),
    [
        ((X, np.zeros(3)), None, r"x \(examples, \*features\) and y of as many rows, got shapes \(120, 3\) and \(3,\)"),
        ((X[:, 0], X[:, 0]), None, r"got shapes \(120,\) and \(120,\)"),
        ((X, np.full(120, np.inf)), None, r"data\[1\] holds values that are not finite, the first at \[0\]"),
        (FRAME.assign(when=pd.Timestamp("2026-11-01")), "kind", r"column 'when' holds values of type Timestamp, which"),
        (FRAME.assign(kind=[None, *FRAME["kind"][1:]]), "kind", r"data: 1 value is missing, .*leaves out such rows$"),
        (([[1, 2], [3]], [0, 1]), None, r"data\[0\] must be an array of numbers"),
        ((X, [object()] * 120), None, r"data\[1\] must be an array of numbers or labels, got objects"),
        ((X, X, X), None, r"data must be a file, a pair \(x, y\).*got 3 things"),
        ((X, X[:, 0]), "a", r"target names a column of a table, and these are arrays"),
        (Valley(), "a", r"target names a column of a table, and this is a problem"),
        (FRAME, None, r"data: target is missing: the column to be predicted, one of 'a', 'b', 'kind'"),
        (3, None, r"data must be a file, a pair"),
        (None, "a", r"target is a column of data, and no data are given"),
        ("nothing.csv", "a", r"there is no file"),
    ],
)  # fmt: skip
def test_data_that_are_none(tmp_path, data, target, message):
    with pytest.raises(OptbenchError, match=message):
        run(data=data, target=target, out=tmp_path / "out")
    assert not (tmp_path / "out" / "store.sqlite").exists(), "nothing was trained"
