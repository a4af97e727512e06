"""A run of a part in the folder of a larger one: what stands beside it, what leaves, what is marked."""

import shutil

import pytest

import optbench
from optbench.cli import main
from optbench.report.sections.board import board_sections
from optbench.report.sections.context import context
from optbench.report.terminal.leaderboard import leaderboard_table
from optbench.report.words.standing import environment_lines, from_before, standing_lines
from optbench.running.progress import Watcher
from optbench.running.status import status
from optbench.store.store import STORE, Store
from support.suites import LOW, bowl, candidate, searched, suite

BOWLS = bowl(steps=30, target=LOW), bowl("other", steps=40, target=LOW)
SUITE = suite(*BOWLS, searched("sgd", "adam", "momentum"), baseline="sgd")


class Told(Watcher):
    def __init__(self):
        super().__init__()
        self.lines = []

    def say(self, text):
        self.lines.append(text)


def run(folder, text=SUITE, told=None, **limits):
    """The results, and the warnings."""
    (folder / "tiny.toml").write_text(text)
    told = told or Told()
    results = optbench.run(folder / "tiny.toml", "serial", folder / "out", report=False, watcher=told, **limits)
    return results, [line for line in told.lines if "left out" in line]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    run(folder)
    return folder


@pytest.fixture
def whole(made, tmp_path):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    results = optbench.load(tmp_path / "out")
    assert len(results.trials) == 2 * 3 * 4  # read now, before it changes
    return results


def table(results):
    columns = ["workload", "candidate", "phase", "number"]
    return results.trials.sort_values(columns)[[*columns, "key", "selected", "final_train_loss"]].reset_index(drop=True)


def of_part(trials):
    return trials[(trials["workload"] == "bowl") & (trials["candidate"] != "momentum")]


def others(trials):
    return trials.drop(of_part(trials).index).reset_index(drop=True)


def test_a_part_replaces_itself_alone(tmp_path, whole):
    """The baseline is of the part, with as many seeds."""
    results, left = run(tmp_path, candidates=["adam"], workloads=["bowl"], seeds=3)
    assert not left
    assert list(results.leaderboard().index.sort_values()) == ["adam", "momentum", "sgd"]
    before, after = table(whole), table(results)
    assert of_part(after).groupby("candidate").size().to_dict() == {"sgd": 2 + 3, "adam": 2 + 3}
    assert others(after).equals(others(before))
    assert from_before(results) == {"sgd": ["other"], "adam": ["other"], "momentum": ["bowl", "other"]}
    (line,) = standing_lines(results)
    assert line.startswith("from before, not run now: sgd (on other), adam (on other), momentum;")
    marks = {row.candidate: row.note for row in board_sections(context(results))[0].tables[0].rows}
    assert marks == {"sgd": "partly from before", "adam": "partly from before", "momentum": "from before"}
    found = status(tmp_path / "out")
    assert (found.trials, found.expected) == (10, 10)
    again, _ = run(tmp_path, seeds=2)
    assert from_before(again) == {}
    assert table(again).equals(before)


def test_the_baseline_is_run_where_it_is_not_there(tmp_path):
    told = Told()
    results, _ = run(tmp_path, told=told, candidates=["adam"], workloads=["bowl"])
    assert told.done == 2 * 4
    assert (results.baseline, set(results.leaderboard().index)) == ("sgd", {"sgd", "adam"})
    first = table(results)
    told = Told()
    results, left = run(tmp_path, told=told, candidates=["momentum"])
    assert told.done == 2 * 4 + 4  # sgd on the other workload alone
    assert not left
    assert results.baseline == "sgd"
    pairs = set(zip(results.trials["workload"], results.trials["candidate"], strict=True))
    assert pairs == {(w, c) for w in ("bowl", "other") for c in ("sgd", "adam", "momentum")} - {("other", "adam")}
    assert of_part(table(results)).reset_index(drop=True).equals(first)
    told = Told()
    run(tmp_path, told=told, candidates=["momentum", "adam"], workloads=["bowl"])
    assert told.done == 0


def test_only_what_was_run_now(tmp_path, whole):
    """And what it is related to: no other candidate stands for the baseline."""
    told = Told()
    results, _ = run(tmp_path, told=told, candidates=["adam"], only=True)
    assert told.done == 0
    for found in (results, optbench.load(tmp_path / "out")):
        assert set(found.leaderboard().index) == {"sgd", "adam"}
        assert found.baseline == "sgd"
        assert {c["name"] for c in found.suite["candidates"]} == {"sgd", "adam"}
        assert set(found.costs["candidate"]) == set(found.curves["candidate"]) == {"sgd", "adam"}
        assert standing_lines(found) == []
    results, _ = run(tmp_path, candidates=["sgd"])
    assert set(results.leaderboard().index) == {"sgd", "adam", "momentum"}


def test_a_candidate_by_name_stands_too(tmp_path, whole):
    run(tmp_path, candidates=["adagrad"])
    results, left = run(tmp_path, candidates=["sgd"])
    assert not left
    assert set(results.leaderboard().index) == {"sgd", "adam", "momentum", "adagrad"}


@pytest.mark.parametrize(
    ("change", "leaves", "why"),
    [
        (('adam", search = ["lr"]', 'adam", search = ["lr", "beta1"]'), ("adam",), "defined differently"),
        (("steps = 40", "steps = 50"), ("adam", "momentum"), "their workload has other settings"),
        (("value = 0.01", "value = 0.02"), ("adam", "momentum"), "is another now"),
    ],
)
def test_what_changed_is_left_out_with_the_reason(tmp_path, whole, change, leaves, why):
    text = SUITE.replace(*change)
    assert text != SUITE
    results, left = run(tmp_path, text, candidates=["sgd"])
    pairs = set(zip(results.trials["workload"], results.trials["candidate"], strict=True))
    assert {c for c in ("sgd", "adam", "momentum") if ("other", c) not in pairs} == set(leaves)
    assert any(why in line for line in left)
    assert all(name in " ".join(left) for name in leaves)


def test_changed_code_is_not_shown_as_if_it_were_current(tmp_path, whole):
    with Store(tmp_path / "out" / STORE) as store:  # as if Adam had been another then
        for (text,) in store._db.execute("SELECT text FROM texts WHERE text LIKE '%optimizer:adam%'").fetchall():
            if '"engine"' in text:
                store._db.execute("UPDATE texts SET text = ? WHERE text = ?", (spoiled(text), text))
    results, left = run(tmp_path, candidates=["sgd"])
    assert set(results.trials["candidate"]) == {"sgd", "momentum"}
    assert left == [
        "warning: adam on bowl, other: left out of the tables, since adam: its source changed; "
        "run them again to have them there"
    ]


def spoiled(text):
    head, _, tail = text.partition('"optimizer:adam":"')
    return f'{head}"optimizer:adam":"0000{tail[4:]}'


def test_what_the_suite_lost_leaves(tmp_path, whole):
    text = suite(*BOWLS, searched("sgd", "adam"), baseline="sgd")
    results, _ = run(tmp_path, text, candidates=["sgd"])
    assert set(results.trials["candidate"]) == {"sgd", "adam"}


def test_failures_of_before_are_no_failures_of_now(tmp_path, capsys):
    broken = candidate("broken", optimizer={"name": "adam", "lr": 1e300})
    run(tmp_path, suite(*BOWLS, searched("sgd"), broken))
    words = ["run", str(tmp_path / "tiny.toml"), "--engine", "serial", "--out", str(tmp_path / "out"), "--no-report"]
    with pytest.raises(SystemExit) as stop:
        main([*words, "--candidate", "sgd"])
    assert stop.value.code == 0
    told = capsys.readouterr()
    assert "broken" not in told.err
    assert "from before, not run now: broken" in " ".join(told.out.split())


def test_rows_say_where_they_were_made(tmp_path, whole):
    """Also where one machine went on with what another had begun."""
    assert environment_lines(whole) == []
    with Store(tmp_path / "out" / STORE) as store:
        blas = store.environments()[0][0]["blas"]
        store._db.execute("UPDATE texts SET text = replace(text, ?, ?)", (f'"blas":"{blas}', '"blas":"Other'))
    results, _ = run(tmp_path, candidates=["adam"], workloads=["bowl"], seeds=3)
    (line,) = environment_lines(results)
    assert line.startswith(f"made in 2 environments, A: blas Other, B: blas {blas}") or "; B: blas" in line
    section, = (part for part in board_sections(context(results)) if part.id == "workloads")
    marks = {(row.candidate, row.workload): row.note for row in section.tables[0].rows}
    assert marks["momentum", "bowl"] == "from before, A"
    assert marks["adam", "bowl"] == marks["sgd", "bowl"] == "A+B"
    notes = {row.candidate: row.note for row in board_sections(context(results))[0].tables[0].rows}
    assert notes["momentum"].endswith("A")
    assert leaderboard_table(results).row_count == 3
