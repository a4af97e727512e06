"""Real runs as entries: sent in with a component of one's own, run again, found out where a number was changed."""

import json
import shutil
import struct
import zlib
from contextlib import ExitStack

import jsonschema
import pytest

import optbench
from board.conftest import spoil
from optbench.board import data
from optbench.board.card import read
from optbench.board.entry import opened
from optbench.board.site import build
from optbench.board.submit import submit
from optbench.board.verify import verify
from optbench.cli import main
from optbench.contract.errors import OptbenchError
from optbench.results.reproduction import apart
from optbench.store.store import STORE, Store
from optbench.trials.trial import Run
from support.suites import ACCURATE, bowl, moons, searched, suite

MINE = '''"""Descent against the signs."""
from dataclasses import dataclass
import numpy as np
from optbench import Optimizer, hyper

@dataclass(frozen=True)
class Mine(Optimizer):
    """w -= lr sign(g)"""

    name = "mine"
    reference = "Bernstein et al. 2018"
    lr: float = hyper(0.01, low=1e-3, high=0.1, scale="log", valid="[0, inf)")

    def step(self, params, grads, state, context):
        params -= float(self.lr * context.factor) * np.sign(grads)
'''
SUITE = suite(
    moons(samples=60, hidden=[4], epochs=3, target=ACCURATE), bowl(steps=20), searched("sgd", "adam"), seeds=3
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder with a suite, a component of one's own, and results of all."""
    home = tmp_path_factory.mktemp("real")
    (home / "tiny.toml").write_text(SUITE)
    (home / "signs.py").write_text(MINE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        with pytest.raises(SystemExit) as stop:
            main(["run", "tiny.toml", "--candidate", "./signs.py:Mine", "--candidate", "sgd", "--engine", "serial",
                  "--no-report", "--out", "results/mine"])  # fmt: skip
        assert stop.value.code == 0
        main_entry = submit("results/mine", "entries", ["Somebody"], "CC0-1.0")
    return home, home / main_entry.folder


def forged(folder):
    """The final results of what the entry is about a little better than they were, checksum and all."""

    def change(db):
        keys = "SELECT key FROM assignments WHERE candidate = 'mine' AND phase = 'final'"
        rows = db.execute(f"SELECT id, numbers FROM runs WHERE key IN ({keys})").fetchall()
        for number, blob in rows:
            loss, *rest = struct.unpack(f"<{len(blob) // 8}d", blob)
            new = struct.pack(f"<{len(blob) // 8}d", 0.9 * loss, *rest)
            db.execute("UPDATE runs SET numbers = ?, checksum = ? WHERE id = ?", (new, zlib.crc32(new), number))

    spoil(folder, change)


def test_ends_are_apart_by_arithmetic():
    from support.stores import measurement

    one = Run("done", (measurement(0, 4.0), measurement(10, 1.0)), 1, 1.0, 0.8, "", "", {}, {})
    other = Run("done", (measurement(0, 4.0), measurement(10, 1.2)), 1, 1.1, 0.8, "", "", {}, {})
    assert apart(one, other) == pytest.approx(0.2 / 4.0)
    worse = Run("done", other.measurements, 1, 1.1, 0.6, "", "", {}, {})
    assert apart(one, worse) == pytest.approx(0.2 / 0.8)
    assert apart(one, Run("diverged", one.measurements, 1, 1.0, 0.8, "", "", {}, {})) == float("inf")
    assert apart(one, one) == 0


@pytest.mark.slow
def test_an_entry_is_whole_and_tells_nothing_of_the_machine(run):
    home, folder = run
    card = read((folder / "card.toml").read_text())
    assert (card.id, card.candidates, card.components) == ("mine-1", ("mine",), ("source/signs.py:Mine",))
    assert (folder / "source" / "signs.py").read_text() == MINE
    assert "CC0-1.0" in (folder / "LICENSE").read_text()
    results = optbench.load(folder / "results.sqlite.xz")
    assert [guest["place"] for guest in results.guests] == ["source/signs.py"]
    assert str(home) not in json.dumps([results.guests, results.suite, results.environment])


@pytest.mark.slow
def test_a_run_that_is_not_finished_is_no_entry(run, tmp_path):
    shutil.copytree(run[0] / "results" / "mine", tmp_path / "part")
    with Store(tmp_path / "part" / STORE) as store:
        store.forget([next(iter(store.finished()))])
    with pytest.raises(OptbenchError, match="planned trials are missing"):
        submit(tmp_path / "part", tmp_path / "entries", ["Somebody"], "CC0-1.0")
    assert not (tmp_path / "entries").exists()


@pytest.mark.slow
def test_it_is_run_again_and_a_forged_one_is_found_out(run, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(run[1], tmp_path / "mine-1")
    found = verify("mine-1", trials=20, engine="serial")
    assert found.ok, found.sentence
    assert set(found.again.trials["candidate"]) == {"mine"}
    assert len(found.checks) > 10
    forged(tmp_path / "mine-1")
    found = verify("mine-1", trials=20, engine="serial", within=1.0)
    assert not found.borne_out  # however much is allowed: this is the same machine
    with pytest.raises(SystemExit) as stop:
        main(["verify", "mine-1", "--trials", "20", "--engine", "serial"])
    assert stop.value.code == 1
    assert "other bits" in capsys.readouterr().out


def test_stored_results_that_stand_beside_a_run_stay_out_of_its_entry(run, tmp_path):
    home, _ = run
    words = ["--engine", "serial", "--no-report", "--out"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        for asked in (
            ["--candidate", "sgd", "--candidate", "adam", *words, "results/stored"],
            ["--candidate", "./signs.py:Mine", "--against", "results/stored", *words, "results/beside"],
        ):
            with pytest.raises(SystemExit) as stop:
                main(["run", "tiny.toml", *asked])
            assert stop.value.code == 0
        assert set(optbench.load("results/beside").trials["candidate"]) == {"mine", "sgd", "adam"}
        folder = submit("results/beside", tmp_path, ["Somebody"], "CC0-1.0").folder
    with ExitStack() as stack:
        entry = opened(folder, stack)
        assert (entry.card.candidates, set(entry.candidates)) == (("mine",), {"mine", "sgd"})
        assert set(entry.results.trials["candidate"]) == {"mine", "sgd"}
        assert entry.results.reference["candidates"] == ["sgd"]
        assert set(entry.results.leaderboard().index) == {"mine", "sgd"}


@pytest.mark.slow
def test_five_made_up_and_three_real(run, five, tmp_path):
    """The board of all, and the data's schema with it: what CI builds."""
    home, _ = run
    (home / "other.py").write_text(MINE.replace("Mine", "Other").replace('"mine"', '"other"').replace("0.01", "0.02"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        with pytest.raises(SystemExit):
            main(["run", "tiny.toml", "--candidate", "./other.py:Other", "--candidate", "sgd", "--engine", "serial",
                  "--no-report", "--out", "results/other"])  # fmt: skip
        submit("results/other", "entries", ["Somebody else"], "CC0-1.0")
    found = build([five, home / "entries"], tmp_path / "site", ["quick"])
    assert (len(found.entries), found.refused) == (8, [])
    leagues = {league.id: [line.label for line in league.lines] for league in found.leagues}
    assert ["mine", "other", "sgd"] in leagues.values()
    assert len(leagues["quick"]) == 7
    board = json.loads((tmp_path / "site" / "data" / "board.json").read_text())
    jsonschema.validate(board, json.loads(data.schema()), jsonschema.Draft202012Validator)
    # sgd was run by both on one machine: to the bit
    tiny = next(league for league in found.leagues if len(league.entries) == 2 and "other" in str(league.lines))
    shared, same = tiny.again(tiny.entries[0])
    assert shared == same > 0
