"""Exports: every format gives the same trials, valid for strict readers."""

import csv
import io
import json
import math
import sys

import numpy as np
import pandas as pd
import pytest

from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError
from optbench.results.export import export, harmless
from optbench.results.results import STORE, Results
from optbench.store.store import Store
from optbench.trials.trial import Assignment, Run, Trial

NEEDED = (
    *("workload", "candidate", "phase", "seed", "outcome", "hyperparameters", "steps_to_target"),
    *("seconds_to_target", "final_train_loss", "final_validation_metric", "final_test_metric"),
)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A hit, a miss, a crash, and a run on a workload without a target."""
    folder = tmp_path_factory.mktemp("export")
    curve = (
        Measurement(0, 0.0, 0, 0.0, 0.1, 2.0, 0.1, 2.0, 0.1, 1.0),
        Measurement(7, 1.0, 7, 0.5, 0.1, 1 / 3, 0.9, 0.3, 0.8, 0.5),
    )
    runs = [
        Run("done", curve, 1, 0.25, 0.75, metrics={"norm": 2.5}),
        Run("done", curve[:1], 0, 2.0, 0.1),
        Run("crashed", message='killed, "by" a signal\nat once'),
        Run("done", curve, 1, 0.25, 0.75),
    ]
    with Store(folder / STORE, create=True) as store:
        for seed, run in enumerate(runs):
            target = None if seed == 3 else {"metric": "validation_accuracy", "value": 0.8}
            workload = {
                "name": "ünï,w" if target else "free",
                "loss": "softmax_cross_entropy",
                "target": target,
            }
            trial = Trial(workload, {"optimizer": {"name": "sgd", "lr": 1 / 3, "on": True}}, seed, {})
            store.assign([Assignment(workload["name"], "=sgd", "final", 0, seed, trial)])
            store.add(trial, run)
        store.add_costs([("ünï,w", "=sgd", 0.1, 0.1, 0.1, 3)])
    return Results(folder)


def strict(text):
    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_is_strict_and_tells_misses(results):
    rows = strict(export(results, "json"))
    assert len(rows) == 4
    assert set(NEEDED) <= set(rows[0])
    assert [row["steps_to_target"] for row in rows] == [7, None, None, None]
    assert [row["solved"] for row in rows] == [True, False, False, None]
    assert rows[0]["seconds_to_target"] == pytest.approx(0.7)
    assert rows[0]["final_train_loss"] == 1 / 3
    assert rows[0]["hyperparameters"] == {"optimizer.lr": 1 / 3, "optimizer.on": True}
    assert rows[0]["metric.norm"] == 2.5
    assert rows[1]["metric.norm"] is None
    assert rows[2]["message"] == 'killed, "by" a signal\nat once'
    assert rows[0]["workload"] == "ünï,w"
    assert rows[0]["seed"] == 0
    assert isinstance(rows[0]["steps"], int)


def test_csv_has_a_row_a_trial_and_every_bit(results):
    rows = list(csv.DictReader(io.StringIO(export(results, "csv"))))
    assert [row["steps_to_target"] for row in rows] == ["7.0", "inf", "inf", ""]
    assert [row["solved"] for row in rows] == ["True", "False", "False", ""]
    assert float(rows[0]["final_train_loss"]) == 1 / 3
    assert json.loads(rows[0]["hyperparameters"])["optimizer.lr"] == 1 / 3
    assert rows[2]["message"] == 'killed, "by" a signal\nat once'


def test_parquet_holds_the_table(results, tmp_path):
    pytest.importorskip("pyarrow")
    assert export(results, "parquet", tmp_path / "t.parquet") is None
    table = pd.read_parquet(tmp_path / "t.parquet")
    assert set(NEEDED) <= set(table)
    np.testing.assert_equal(table["steps_to_target"].to_numpy(), [7.0, math.inf, math.inf, math.nan])
    assert table["final_train_loss"].tolist()[0] == 1 / 3


def test_no_spreadsheet_takes_a_text_of_csv_for_a_formula(results):
    rows = list(csv.DictReader(io.StringIO(export(results, "csv"))))
    assert {row["candidate"] for row in rows} == {"'=sgd"}
    assert {item["candidate"] for item in strict(export(results, "json"))} == {"=sgd"}
    assert {float(row["seed"]) for row in rows} == {0, 1, 2, 3}


def test_negative_numbers_are_numbers():
    table = harmless(pd.DataFrame({"=a": [-1.5, math.nan], "b": ["-1.5", "-x"], "c": ["@x", None]}))
    text = table.to_csv(index=False).splitlines()
    assert text == ["'=a,b,c", "-1.5,-1.5,'@x", ",'-x,"]


@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_file_holds_what_is_printed(results, tmp_path, format):
    out = tmp_path / "trials"
    out.write_text("older", encoding="utf-8")
    assert export(results, format, out) is None
    assert out.read_bytes().decode("utf-8") == export(results, format)
    assert [p.name for p in tmp_path.iterdir()] == ["trials"]


def test_without_trials(tmp_path):
    Store(tmp_path / STORE, create=True).close()
    results = Results(tmp_path)
    assert strict(export(results, "json")) == []
    assert set(NEEDED) <= set(export(results, "csv").strip().split(","))


def test_mistakes(results, tmp_path, monkeypatch):
    with pytest.raises(OptbenchError, match="unknown format; did you mean 'parquet'"):
        export(results, "parket")
    with pytest.raises(OptbenchError, match="--out FILE"):
        export(results, "parquet")
    with pytest.raises(OptbenchError, match="cannot be written"):
        export(results, "csv", tmp_path / "no" / "folder" / "t.csv")
    with pytest.raises(OptbenchError, match="cannot be written"):
        export(results, "csv", tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(OptbenchError, match=r"optbench\[parquet\]"):
        export(results, "parquet", tmp_path / "t.parquet")
