"""The site of five made-up entries: numbers are those of the statistics, texts are text, data keep their schema."""

import json
import re
from contextlib import ExitStack

import jsonschema
import numpy as np
import pandas as pd
import pytest

from board.conftest import HOSTILE, IMAGE, made_up, spoil
from optbench.board import data, league
from optbench.board.entry import entries
from optbench.board.league import History, history, leagues
from optbench.board.site import build
from optbench.cli import main
from optbench.contract.errors import OptbenchError
from optbench.results.archives import load


@pytest.fixture(scope="module")
def read(five):
    with ExitStack() as stack:
        yield entries([five], stack)[0]


@pytest.fixture(scope="module")
def board(built):
    return json.loads((built.page.parent / "data" / "board.json").read_text())


def test_all_files_are_there(built):
    root = built.page.parent
    ids = ["adam-1", "adam-1.10", "hostile-1", "momentum-1", "small-1"]
    assert sorted(path.name for path in (root / "entries").iterdir()) == ids
    for one in ids:
        for file in ("index.html", "CITATION.cff", "results.sqlite.xz"):
            assert (root / "entries" / one / file).is_file()
    assert built.refused == []
    for page in root.rglob("*.html"):  # every address within the site leads somewhere
        for address in re.findall(r'href="(?!https:)([^"#]+)', page.read_text()):
            assert (page.parent / address).exists(), (page, address)


def test_the_data_keep_their_schema(board):
    schema = json.loads(data.schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(board, schema, jsonschema.Draft202012Validator)
    assert len(board["entries"]) == 5
    board["entries"][0]["more"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(board, schema)
    del board["entries"][0]["more"]


def test_leagues_are_what_was_run_alike(board):
    first, second = board["leagues"]
    labels = {row["label"]: row["entry"] for row in first["rows"]}
    # of adam the newest version; the baseline once, though all three have it
    assert labels == {
        "adam": "adam-1.10", "adamw": "adam-1.10", "momentum": "momentum-1", HOSTILE: "hostile-1", IMAGE: "hostile-1",
        "sgd": "adam-1.10",
    }  # fmt: skip
    (sgd,) = (row for row in first["rows"] if row["label"] == "sgd")
    assert (sgd["own"], sorted(sgd["also_in"])) == (False, ["hostile-1", "momentum-1"])
    assert {row["label"] for row in second["rows"]} == {"sgd", "nesterov"}
    assert first["families"] == {"mlp": ["digits-mlp"], "cnn": ["digits-cnn"]}
    assert [len(one["comparisons"]) for one in (first, second)] == [2 * 15, 2 * 1]


def test_groups_say_what_the_words_say(board):
    """Everybody in a group is ahead of everybody in each later one."""
    (first, _) = board["leagues"]
    for question, ahead in (("time", "faster"), ("result", "better")):
        name = {"time": "speed_group", "result": "result_group"}[question]
        groups = {row["label"]: row[name] for row in first["rows"]}
        words = {(c["candidate"], c["against"]): c["word"] for c in first["comparisons"] if c["question"] == question}
        behind = {"faster": "slower", "better": "worse"}[ahead]
        for (a, b), word in words.items():
            if groups[a] != groups[b]:
                assert word == (ahead if groups[a] < groups[b] else behind)
        assert sorted(set(groups.values())) == list(range(1, max(groups.values()) + 1))


def test_the_numbers_of_a_league_are_those_of_its_runs(board, read):
    """Geometric means of paired ratios, by hand."""
    one = {entry.id: entry for entry in read}
    runs = {name: one[place].finals.query("candidate == @name").set_index(["workload", "seed"])["steps_to_target"]
            for name, place in (("momentum", "momentum-1"), ("adam", "adam-1.10"))}  # fmt: skip
    ratio = runs["momentum"] / runs["adam"]
    assert np.isfinite(list(runs.values())).all()  # 2 workloads of 4 seeds, none missed
    expected = float(np.exp(np.log(ratio).groupby("workload").mean().mean()))
    pair = {"momentum", "adam"}
    (found,) = (c for c in board["leagues"][0]["comparisons"]
                if c["question"] == "time" and {c["candidate"], c["against"]} == pair)  # fmt: skip
    turned = found["candidate"] == "adam"
    assert (1 / found["effect"] if turned else found["effect"]) == pytest.approx(expected, rel=1e-9)


def test_a_league_of_one_entry_is_its_own_leaderboard(read):
    (small,) = (entry for entry in read if entry.card.name == "small")
    pd.testing.assert_frame_equal(
        leagues([small])[0].board, small.results.leaderboard().drop(columns=league.SECONDS), check_names=False
    )


def test_entries_that_share_candidates_are_told_apart_by_name(tmp_path):
    for number, name in enumerate(("one", "two")):
        made_up(tmp_path, name, ["sgd", "mine"], 1, workloads=1)  # the same runs
        folder = tmp_path / "entries" / f"{name}-1"

        def change(db, number=number):
            (text,) = db.execute("SELECT value FROM meta WHERE name = 'suite'").fetchone()
            mine = f'"name": "mine", "optimizer": {{"name": "sgd", "lr": 0.{number + 1}}}'
            text = text.replace('"name": "mine"', mine)
            db.execute("UPDATE meta SET value = ? WHERE name = 'suite'", (text,))
            if number:  # one of them with another end
                keys = "SELECT key FROM assignments WHERE phase = 'final' AND candidate = 'mine'"
                (key,) = db.execute(f"SELECT key FROM runs WHERE outcome = 'done' AND key IN ({keys})").fetchone()
                db.execute("UPDATE runs SET outcome = 'diverged' WHERE key = ?", (key,))

        spoil(folder, change)
    with ExitStack() as stack:
        found = leagues(entries([tmp_path / "entries"], stack)[0])
        (one,) = found
        assert [line.label for line in one.lines] == ["mine (one-1)", "mine (two-1)", "sgd"]
        assert one.lines[0].kinds == ["optimizer"]
        assert one.baseline == "sgd"
        # the same trials with other results in the two: told as such
        assert one.again(one.entries[1]) == (8, 7)


def test_the_history_has_all_versions(read):
    adam = next(entry for entry in read if entry.id == "adam-1.10")
    ranked = leagues(read)
    found = history(adam, read, ranked[0])
    assert isinstance(found, History)
    assert [label for _, _, label in found.versions] == ["adam 1", "adam 1.10", "adamw 1.10"]
    assert set(found.board.index) == {"adam 1", "adam 1.10", "adamw 1.10", "sgd"}
    assert history(next(e for e in read if e.card.name == "small"), read, ranked[1]) is None


def test_the_page_of_an_entry_tells_all(built):
    page = (built.page.parent / "entries" / "adam-1.10" / "index.html").read_text()
    for text in ("History", "../adam-1/index.html", "Reproduce it", "@misc{adam-1.10,", "speed group", "fingerprint"):
        assert text in page
    old = (built.page.parent / "entries" / "adam-1" / "index.html").read_text()
    assert "A later version of this entry" in old
    assert "&lt;b&gt;Two&lt;/b&gt; lines." in old
    assert '<a href="https://example.org/a" rel="nofollow noopener noreferrer">' in old


def test_texts_of_strangers_are_text(built):
    for page in built.page.parent.rglob("*.html"):
        text = page.read_text()
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "7 * 7" in text or "hostile" not in page.parts[-2]
    for svg in built.page.parent.rglob("*.svg"):
        assert "<script" not in svg.read_text()


def test_parquet_has_every_run(built, read):
    table = pd.read_parquet(built.page.parent / "data" / "trials.parquet")
    assert len(table) == sum(len(entry.finals) for entry in read)
    assert set(table["entry"]) == {entry.id for entry in read}
    one = table[(table["entry"] == "small-1")].reset_index(drop=True)
    (small,) = (entry for entry in read if entry.id == "small-1")
    assert one["steps_to_target"].tolist() == small.finals["steps_to_target"].tolist()
    rows = pd.read_parquet(built.page.parent / "data" / "leaderboard.parquet")
    assert list(rows["league"].value_counts()) == [6, 2]


def test_the_same_entries_give_the_same_site(five, tmp_path):
    found = []
    for _ in range(2):  # into a new folder, then over what is there
        build([five / "small-1"], tmp_path / "a")
        found.append({p: p.read_bytes() for p in (tmp_path / "a").rglob("*") if p.is_file()})
    assert found[0] == found[1]


def test_a_folder_that_holds_something_else_is_left_alone(five, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(OptbenchError, match="something else than a board"):
        build([five], tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "x"


def test_the_commands(five, tmp_path, capsys):
    (tmp_path / "bad").mkdir()
    with pytest.raises(SystemExit) as stop:
        main(["board", str(five / "small-1"), str(tmp_path), "--out", str(tmp_path.parent / "command-site"), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert stop.value.code == 3
    assert (told["entries"], [one["folder"] for one in told["refused"]]) == (["small-1"], ["bad"])
    with pytest.raises(SystemExit) as stop:
        main(["board", str(tmp_path / "nowhere"), "--out", str(tmp_path / "x")])
    assert stop.value.code == 2
    assert "no such folder" in capsys.readouterr().err
    archive = five / "small-1" / "results.sqlite.xz"
    words = ["--author", "Somebody", "--licence", "CC0-1.0", "--candidate", "nesterov", "--out", str(tmp_path)]
    with pytest.raises(SystemExit) as stop:
        main(["submit", str(archive), *words, "--entry-version", "3"])
    assert stop.value.code == 0
    assert "entry: " in capsys.readouterr().out
    assert len(load(tmp_path / "nesterov-3" / "results.sqlite.xz").trials) == len(load(archive).trials)
    with pytest.raises(SystemExit) as stop:
        main(["submit", str(archive), *words, "--entry-version", "3"])
    assert stop.value.code == 2
    assert "an entry already" in capsys.readouterr().err


def test_a_board_of_nothing_is_asked_what_of(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["board", "--out", str(tmp_path / "site")])
    assert stop.value.code == 2
    assert "give a FOLDER of entries, or a suite by --reference" in capsys.readouterr().err
