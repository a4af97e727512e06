"""Problems of one's own in whole runs: tuning, engines, targets, tables, pages, and one that is wrong."""

import numpy as np
import pytest

import optbench
from support.processes import run_optbench
from support.runs import decided
from support.suites import candidate, claim, suite, workload

MODULE = '''
from dataclasses import dataclass

import numpy as np
from optbench import Layout, Problem, hookimpl, hyper


@dataclass(frozen=True)
class Fit(Problem):
    """A line through noisy points, in mini-batches: (a x + b - 3 x + 1)^2."""

    name = "line-fit"
    metric = "r2"
    rows: int = hyper(8, valid="[1, inf)")

    def layout(self):
        return Layout.of({"a": (1, 1), "b": (1,)}, {"b": "bias"})

    def loss_and_gradient(self, w, step, rng, state):
        x = rng.normal(size=self.rows).astype(w.dtype)
        off = w[0] * x + w[1] - 3 * x + 1
        return float(np.mean(off * off)), 2 * np.array([np.mean(off * x), np.mean(off)])

    def evaluate(self, w, state):
        loss = float((w[0] - 3) ** 2 + (w[1] + 1) ** 2)
        return loss, 1 - loss / 10, 2 * loss, 1 - loss / 5

    def test(self, w, state):
        return 3.0, 0.75


@dataclass(frozen=True)
class Miss(Fit):
    """The same, measured by how far off it is."""

    name = "line-miss"
    metric = "miss_by:lower:mm"

    def evaluate(self, w, state):
        loss = float((w[0] - 3) ** 2 + (w[1] + 1) ** 2)
        return loss, loss**0.5, 2 * loss, 2 * loss**0.5

    def test(self, w, state):
        return 3.0, 2 * float((w[0] - 3) ** 2 + (w[1] + 1) ** 2) ** 0.5


@dataclass(frozen=True)
class Broken(Fit):
    """Gives three numbers for two parameters."""

    name = "broken"

    def loss_and_gradient(self, w, step, rng, state):
        return 1.0, np.ones(3)


@dataclass(frozen=True)
class Raising(Fit):
    """Raises."""

    name = "raising"

    def loss_and_gradient(self, w, step, rng, state):
        raise RuntimeError("the simulator is off")


@hookimpl
def optbench_problems():
    return [Fit, Miss, Broken, Raising]
'''
LINE = {"problem": {"name": "line-fit", "rows": 4}, "steps": 60, "evaluate_every": 20, "dtype": "float32"}
SUITE = suite(
    workload("line", **LINE, target={"metric": "validation_loss", "ladder": [15.0, 10.0]}),
    workload("far", **{**LINE, "problem": "line-miss"}, target={"metric": "validation_miss_by", "ladder": [5.5, 4.5]}),
    workload("arms", problem="bandit", steps=300, target={"metric": "validation_score", "value": -0.5}),
    candidate("sgd", optimizer={"name": "sgd", "search": ["lr"]}),
    candidate("adam", optimizer={"name": "adam", "search": ["lr"]}, initializer="zeros"),
    claim("Adam has the higher score", ["arms"], "final_validation_score", better="adam", worse="sgd"),
    claim("SGD comes nearer", ["far"], "final_test_metric", better="sgd", worse="adam"),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the plugin, as pip would have installed it, and the suite."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "optbench_lines.py").write_text(MODULE)
    info = folder / "optbench_lines-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: optbench-lines\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[optbench]\nlines = optbench_lines\n")
    (folder / "own.toml").write_text(SUITE)
    return folder


@pytest.fixture(scope="module")
def serial(place):
    ended = run_optbench("run", place / "own.toml", "--engine", "serial", "--out", place / "serial", path=[place])
    assert ended.returncode == 0, ended.stderr
    return optbench.load(place / "serial")


def test_they_are_tuned_trained_and_measured(serial):
    trials = serial.trials
    assert (trials["outcome"] == "done").all()
    kinds = {"arms": "score", "far": "miss_by:lower:mm", "line": "r2"}
    assert dict(trials.groupby("workload")["metric"].first()) == kinds
    line = trials[(trials["workload"] == "line") & (trials["phase"] == "final")]
    assert line["final_validation_loss"].to_numpy() == pytest.approx(2 * line["final_train_loss"].to_numpy(), rel=1e-6)
    assert set(line["final_test_metric"]) == {0.75}
    assert trials.loc[trials["phase"] == "tune", "final_test_metric"].isna().all()
    assert np.isfinite(line["steps_to_target"]).any()
    assert set(trials["phase"]) == {"tune", "final"}


def test_they_stand_in_tables_verdicts_and_on_the_page(serial):
    board = serial.leaderboard()
    assert {"sgd", "adam"} <= {*board.index, *board.get("candidate", ())}
    assert serial.claims().iloc[0]["verdict"] in ("supported", "refuted", "undecided")
    page = (serial.folder / "report.html").read_text(encoding="utf-8")
    assert "arms" in page
    assert "Traceback" not in page


@pytest.mark.slow  # many processes
def test_workers_give_the_same_bits(place, serial):
    words = ("--engine", "local:2", "--no-report", "--out", place / "two")
    ended = run_optbench("run", place / "own.toml", *words, path=[place])
    assert ended.returncode == 0, ended.stderr
    assert decided(place / "two").equals(decided(serial.folder))


@pytest.mark.slow  # many processes
def test_the_command_line_knows_them(place):
    listed = run_optbench("list", "problems", "--json", path=[place])
    assert '"line-fit"' in listed.stdout
    assert '"bandit"' in listed.stdout
    words = ("--workload", "line", "--suite", place / "own.toml", "--optimizer", "sgd", "--set", "steps=20")
    trained = run_optbench("train", *words, path=[place], cwd=place)
    assert trained.returncode == 0, trained.stderr


def test_a_wrong_one_is_told_in_one_message_and_nothing_is_trained(place):
    (place / "broken.toml").write_text(SUITE.replace('"line-fit"', '"broken"'))
    ended = run_optbench("run", place / "broken.toml", "--engine", "serial", "--out", place / "broken", path=[place])
    assert ended.returncode == 2
    assert " ".join(ended.stderr.split()).endswith(
        "workload line: problem broken: loss_and_gradient must give (2,) real numbers, as its layout has, "
        "got float64 of shape (3,)"
    )
    assert "Traceback" not in ended.stderr
    assert not list((place / "broken").glob("*.sqlite"))


def test_one_that_raises_is_named_by_its_trials(place):
    (place / "raising.toml").write_text(SUITE.replace('"line-fit"', '"raising"'))
    words = ("--workload", "line", "--engine", "serial", "--no-report", "--out", place / "raising")
    ended = run_optbench("run", place / "raising.toml", *words, path=[place])
    assert "Traceback" not in ended.stderr
    trials = optbench.load(place / "raising").trials
    assert set(trials["outcome"]) == {"error"}
    assert set(trials["message"]) == {"problem raising, loss_and_gradient: RuntimeError: the simulator is off"}


def test_a_problem_may_be_in_a_file_beside_the_suite(place):
    (place / "mine.py").write_text(MODULE.replace('"line-fit"', '"my-fit"'))
    filed = SUITE.replace('"line-fit"', '"./mine.py:Fit"').replace('"line-miss"', '"./mine.py:Miss"')
    (place / "filed.toml").write_text(filed)
    words = ("--workload", "line", "--engine", "local:2", "--no-report", "--out", place / "filed")
    ended = run_optbench("run", place / "filed.toml", *words)
    assert ended.returncode == 0, ended.stderr
    assert set(optbench.load(place / "filed").trials["outcome"]) == {"done"}
