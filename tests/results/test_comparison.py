"""What changed between two runs: made-up stores with known changes."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

import optbench
from optbench.cli import main
from optbench.contract.errors import OptbenchError
from optbench.referee.synthetic import synthetic_store
from optbench.report.terminal import changes
from optbench.report.words.changes import headline
from optbench.results.comparison import compare
from optbench.results.judging import ALL, COLUMNS, judged
from optbench.statistics.compare import effect_and_p
from support.compared import WORKLOADS, made


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return made(tmp_path_factory.mktemp("base"), {"a": 1.0, "b": 2.0})


def words(found):
    return {(r.candidate, r.workload, r.metric): r.verdict for r in found.table.itertuples() if r.verdict}


def command(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["compare", *map(str, arguments)])
    return stop.value.code, capsys.readouterr().out


def test_nothing_changed(base, tmp_path, capsys):
    shutil.copy(base / "store.sqlite", tmp_path)
    found = optbench.compare(base, tmp_path)
    assert found.same
    assert set(words(found).values()) == {"equal"}
    assert set(found.table.loc[found.table["verdict"] == "equal", "reason"]) == {"same bits"}
    assert (found.bits["same"].sum(), found.bits["trials"].sum()) == (66, 66)
    assert all(len(frame) == 0 for frame in (found.settings, found.outcomes, found.environments))
    assert "the same bits: all 66 paired trials" in headline(found)
    assert command(capsys, base, tmp_path, "--fail-on", "different")[0] == 0


def test_a_slower_candidate_is_worse_and_the_other_the_same(base, tmp_path, capsys):
    made(tmp_path, {"a": 1.0, "b": 3.0}, version="1.1")
    found = compare(base, tmp_path)
    assert not found.same
    said = words(found)
    assert {w for (c, *_), w in said.items() if c == "a"} == {"equal"}
    for workload in (*WORKLOADS, ALL):
        assert said["b", workload, "steps"] == "slower"
    row = found.table[(found.table["candidate"] == "b") & (found.table["metric"] == "steps")].set_index("workload")
    assert row.loc[ALL, "effect"] == pytest.approx(1.5, rel=0.02)
    assert row.loc[ALL, "low"] < 1.5 < row.loc[ALL, "high"]
    assert row.loc["w1", "after"] / row.loc["w1", "before"] == pytest.approx(1.5, rel=0.05)
    assert row.loc["w1", "pairs"] == 10
    assert (row["p_holm"] >= row["p"]).all()
    # seconds are told without a word
    timed = found.table[(found.table["candidate"] == "b") & (found.table["metric"] == "seconds")]
    assert timed["effect"].tolist() == pytest.approx([1.5] * 3)
    assert set(timed["verdict"]) == {""}
    assert found.environments.to_dict("records") == [{"field": "python", "before": "1.0", "after": "1.1"}]
    code, text = command(capsys, base, tmp_path, "--fail-on", "worse")
    assert code == 1
    assert "slower (steps)" in text
    assert "python: 1.0 -> 1.1" in text
    assert max(map(len, text.splitlines())) <= max(80, len(str(tmp_path)) + 8)
    assert command(capsys, base, tmp_path)[0] == 0
    # and the other way round it is better
    assert words(compare(tmp_path, base))["b", ALL, "steps"] == "faster"
    assert command(capsys, tmp_path, base, "--fail-on", "worse")[0] == 0


def test_few_seeds_decide_nothing_by_themselves_but_workloads_together_do(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    found = compare(made(tmp_path / "x", {"a": 1.0}, seeds=4), made(tmp_path / "y", {"a": 1.6}, seeds=4))
    said = words(found)
    assert said["a", "w1", "steps"] == "undecided"
    assert said["a", ALL, "steps"] == "slower"
    reason = found.table.set_index(["workload", "metric"]).loc[("w1", "steps"), "reason"]
    assert "4 pairs are too few" in reason


def test_what_was_added_or_is_missing(base, tmp_path):
    made(tmp_path, {"b": 2.0, "c": 1.0}, workloads=("w1", "w2", "w4"))
    found = compare(base, tmp_path)
    assert found.added == {"candidates": ["c"], "workloads": ["w4"]}
    assert found.missing == {"candidates": ["a"], "workloads": ["w3"]}
    assert set(found.table["candidate"]) == {"b"}
    assert not found.same
    text = "\n".join(map(str, changes.tables(found)))
    assert "added candidates: c" in text
    assert "missing workloads: w3" in text


def test_settings_and_failures(base, tmp_path, capsys):
    made(tmp_path, {"a": 1.0, "b": 2.0}, lr=0.2, failing=("b",))
    found = compare(base, tmp_path)
    assert set(found.settings["setting"]) == {"optimizer.lr"}
    assert found.settings[["before", "after"]].iloc[0].tolist() == [0.1, 0.2]
    said = words(found)
    assert said["b", "w1", "outcomes"] == "worse"
    assert ("a", "w1", "outcomes") not in said
    assert found.bits["same"].sum() == 0  # other settings: no pair can have the same bits
    row = found.outcomes.set_index(["candidate", "workload", "outcome"]).loc[("b", "w1", "error")]
    assert row.tolist() == [0, 11]
    assert command(capsys, base, tmp_path, "--fail-on", "worse")[0] == 1


def test_another_target_is_another_workload(base, tmp_path):
    made(tmp_path, {"a": 1.0}, target=0.8)
    with pytest.raises(OptbenchError, match=r"no candidate on a workload in common.*target\.value differs"):
        compare(base, tmp_path)


def test_json_holds_all_and_is_valid(base, tmp_path, capsys):
    made(tmp_path, {"a": 1.0, "b": 2.2})
    _, text = command(capsys, base, tmp_path, "--json")
    data = json.loads(text)
    assert (data["before"], data["after"]) == (str(base), str(tmp_path))
    assert {row["verdict"] for row in data["table"]} >= {"equal"}
    assert "NaN" not in text


@pytest.mark.slow
def test_a_a_comparisons_are_seldom_called_different():
    """Where only chance differs, words are false in at most 5 % of comparisons, all words of each counted."""
    rng = np.random.default_rng(0)
    false = 0
    for _ in range(300):
        rows = []
        for candidate in ("a", "b"):
            for workload in WORKLOADS:
                effect, p = effect_and_p([rng.normal(0, 1, 10)])
                values = np.exp([effect.mean, effect.low, effect.high])
                rows.append((candidate, workload, "steps", np.nan, np.nan, *values, "ratio", p, 1.0, 10))
        table = pd.DataFrame(rows, columns=[c for c in COLUMNS if c not in ("p_holm", "verdict", "reason")])
        false += bool(judged(table, set())["verdict"].isin(["faster", "slower", "better", "worse"]).any())
    assert false <= 25  # 5 % of 300, and three standard errors


@pytest.mark.slow
def test_the_page_has_a_section_for_it(base, tmp_path):
    synthetic_store(tmp_path / "x", 2, 2, seeds=6, trials=2)
    synthetic_store(tmp_path / "y", 2, 2, seeds=6, trials=2, seed=1)
    with pytest.raises(SystemExit) as stop:
        main(["report", str(tmp_path / "y"), "--against", str(tmp_path / "x"), "--out", str(tmp_path / "page.html")])
    assert stop.value.code == 0
    page = (tmp_path / "page.html").read_text()
    assert "What changed" in page
    assert str(tmp_path / "x") in page
    assert (tmp_path / "y" / "tables" / "changes.csv").exists()
