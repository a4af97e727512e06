"""Stored trials, run again: the same bits, or what is another here."""

import json
import shutil
import sqlite3
from dataclasses import replace

import pytest

import optbench
from optbench.cli import main
from optbench.contract.errors import OptbenchError
from optbench.referee.synthetic import synthetic_store
from optbench.registry.registry import registry
from optbench.results.reproduction import reproduce
from optbench.store.environment import code, environment
from optbench.store.packing import pack
from optbench.store.store import Store
from optbench.trials.seeds import reported
from optbench.trials.trial import canonical


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    optbench.run("quick", "serial", folder, workloads=["spirals-mlp"], candidates=["sgd", "adam"], seeds=2,
                 trials=2, report=False)  # fmt: skip
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "run")


def change(folder, *statements):
    db = sqlite3.connect(folder / "store.sqlite")
    for statement, values in statements:
        db.execute(statement, values)
    db.commit()
    db.close()


def command(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["reproduce", *map(str, arguments)])
    return stop.value.code, capsys.readouterr().out


def test_the_same_machine_gives_the_same_bits(folder, capsys):
    code, text = command(capsys, folder, "--trials", "3", "--engine", "serial")
    assert code == 0
    assert text.count("same bits  ") == 3
    assert text.splitlines()[-1] == "the same bits: 3 of 3 trials"
    # all where there are fewer, of every candidate; the seed chooses which
    assert len(reproduce(folder, 100, engine="serial").trials) == 8
    two = reproduce(folder, 2, seed=1, engine="serial").trials
    assert set(two["candidate"]) == {"sgd", "adam"}
    assert two["key"].tolist() == reproduce(folder, 2, seed=1, engine="serial").trials["key"].tolist()


def test_other_bits_are_told_with_what_is_another_here(folder, capsys):
    with Store(folder / "store.sqlite", readonly=True) as store:
        trials = {t.key: (t, run) for t, run in store.runs()}
    here = environment(registry())
    older = {**here, "blas": "openblas 0.3.1 Haswell", "packages": {**here["packages"], "numpy": "2.0.9"}}
    # what another machine could have had: the last bit of one loss is another
    columns = ["outcome", "kept", "count", "metrics", "message", "traceback", "checksum", "numbers"]
    query = f"UPDATE runs SET {', '.join(f'{c} = ?' for c in columns)} WHERE key = ?"
    changes = []
    for key, (trial, run) in trials.items():
        if trial.components["optimizer"]["name"] == "adam":
            curve = list(run.measurements)
            curve[1] = replace(curve[1], train_loss=curve[1].train_loss * (1 + 1e-12))
            changes.append((query, (*pack(replace(run, measurements=tuple(curve))), key)))
    text = canonical(older)
    changes.append(("INSERT INTO texts (text) VALUES (?)", (text,)))
    changes.append(("UPDATE runs SET environment = (SELECT id FROM texts WHERE text = ?)", (text,)))
    change(folder, *changes)
    found = reproduce(folder, 8, engine="serial")
    assert not found.same
    assert found.trials.groupby("candidate")["same"].all().to_dict() == {"adam": False, "sgd": True}
    assert found.trials["relative"].max() == pytest.approx(1e-12, rel=0.01)
    assert found.environments["field"].tolist() == ["blas", "packages.numpy"]
    assert found.environments["trials"].tolist() == [4, 4]
    code, text = command(capsys, folder, "--trials", "8", "--engine", "serial")
    assert code == 1
    assert text.count("OTHER BITS") == 4
    assert "train_loss of measurement 1" in text
    assert "packages.numpy: 2.0.9 there" in text
    assert "other bits: 4 of 8 trials (relative difference up to 1.0e-12)" in text
    code, text = command(capsys, folder, "--json", "--engine", "serial")
    assert json.loads(text)["same"] is False


def provided(folder, out, change):
    """A store like `folder`'s in which `change` is made to (component, provider) of every trial."""
    with Store(folder / "store.sqlite", readonly=True) as store, Store(out / "store.sqlite", create=True) as other:
        for a in store.assignments():
            trial = replace(a.trial, providers=dict(change(*item) for item in a.trial.providers.items()))
            other.assign([replace(a, trial=trial)])
            other.add(trial, store.run(a.trial.key))
    return out


def test_what_is_not_installed_is_named(folder, tmp_path):
    provided(folder, tmp_path, lambda name, by: (name.replace("optimizer:adam", "optimizer:gone"), by))
    found = reproduce(tmp_path, 8, engine="serial").trials.set_index("candidate")
    assert found.loc["sgd", "same"].all()
    assert "not installed: optimizer:gone (optbench" in found.loc["adam", "note"].iloc[0]
    assert not found.loc["adam", "same"].any()


def test_other_versions_are_named(folder, tmp_path):
    provided(folder, tmp_path, lambda name, by: (name, by.replace("optbench ", "optbench 0.0.")))
    notes = reproduce(tmp_path, 1, engine="serial").trials["note"]
    assert "was of optbench 0.0." in notes[0]


def test_nothing_to_run_again(tmp_path):
    synthetic_store(tmp_path, 1, 1, seeds=1, trials=1)
    change(tmp_path, ("UPDATE runs SET outcome = 'timeout'", ()))
    with pytest.raises(OptbenchError, match="no finished trial"):
        reproduce(tmp_path)
    with pytest.raises(OptbenchError, match="trials must be a whole number"):
        reproduce(tmp_path, 0)


def test_the_code_has_a_digest():
    assert len(code()) == 12
    assert environment(registry())["code"] == code()


def test_a_changed_source_is_told_from_chance(folder, capsys):
    """Stored trials whose code is another now: that is why, and not a component that draws chance."""
    with Store(folder / "store.sqlite", readonly=True) as store:
        finals = [(t, r) for t, r in store.runs() if reported(t.seed)]
        ((trial, run),) = [(t, r) for t, r in finals if t.components["optimizer"]["name"] == "adam"][:1]
    other = replace(trial, sources={**trial.sources, "optimizer:adam": "0" * 12})
    row = pack(replace(run, test_loss=run.test_loss * 2))
    columns = ["outcome", "kept", "count", "metrics", "message", "traceback", "checksum", "numbers"]
    change(
        folder,
        (f"UPDATE runs SET {', '.join(f'{c} = ?' for c in columns)} WHERE key = ?", (*row, trial.key)),
        ("INSERT INTO texts (text) VALUES (?)", (canonical(other.sources),)),
        ("UPDATE trials SET sources = last_insert_rowid() WHERE key = ?", (trial.key,)),
        *((f"UPDATE {table} SET key = ? WHERE key = ?", (other.key, trial.key)) for table in
          ("trials", "runs", "assignments", "arrays")),
    )
    code, text = command(capsys, folder, "--trials", "100", "--engine", "serial")
    assert code == 1
    assert text.splitlines()[-1].endswith("what changed since they were made: adam: its source")
