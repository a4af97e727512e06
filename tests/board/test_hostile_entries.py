"""Entries of strangers: each is told and does not take the others down, and nothing in one is executed."""

import json
import lzma
import os
import pickle
import shutil
import sys
import zipfile
from contextlib import ExitStack

import pytest

from board.conftest import made_up, sign, spoil
from optbench.board import entry
from optbench.board.card import read
from optbench.board.entry import Entry, entries
from optbench.board.site import build


def card(change):
    def act(folder):
        path = folder / "card.toml"
        path.write_text(change(path.read_text()))

    return act


def store(sql, *values):
    return lambda folder: spoil(folder, lambda db: db.execute(sql, values))


def said(name, value):
    text = value if isinstance(value, str) else json.dumps(value)
    return store("UPDATE meta SET value = ? WHERE name = ?", text, name)


def suite(change):
    def act(db):
        (text,) = db.execute("SELECT value FROM meta WHERE name = 'suite'").fetchone()
        table = json.loads(text)
        change(table)
        db.execute("UPDATE meta SET value = ? WHERE name = 'suite'", (json.dumps(table),))

    return lambda folder: spoil(folder, act)


def archive(content):
    def act(folder):
        known = read((folder / "card.toml").read_text())
        (folder / "results.sqlite.xz").write_bytes(content(folder) if callable(content) else content)
        sign(folder, known)

    return act


def linked(name, target):
    def act(folder):
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return act


def pipe(folder):
    (folder / "card.toml").unlink()
    os.mkfifo(folder / "card.toml")


def zipped(folder):
    with zipfile.ZipFile(folder / "x.zip", "w") as file:
        file.writestr("store.sqlite", b"x" * 1000)
    return (folder / "x.zip").read_bytes()


class Bomb:
    def __reduce__(self):
        return os.system, ("touch pickled",)


#: folder: (what is done to a good entry, what is told)
CASES = {
    "card-missing": (lambda f: (f / "card.toml").unlink(), "No such file"),
    "card-link": (linked("card.toml", "/etc/passwd"), "not an ordinary file"),
    "card-pipe": (pipe, "not an ordinary file"),
    "card-folder": (lambda f: ((f / "card.toml").unlink(), (f / "card.toml").mkdir()), "not an ordinary file"),
    "card-large": (card(lambda t: t + "#" * 60_000), "at most 50,000"),
    "card-bytes": (lambda f: (f / "card.toml").write_bytes(b"\xff\xfe"), "not UTF-8"),
    "card-toml": (card(lambda t: t + "\n[[["), "not TOML"),
    "card-up": (card(lambda t: t.replace('"good"', '"../../up"')), "name '../../up'"),
    "card-address": (card(lambda t: t + 'link = "javascript:alert(1)"\n'), "link"),
    "card-pip": (card(lambda t: t.replace('["synthetic==1"]', '["--index-url=https://x.org"]')), "requires"),
    "card-nobody": (card(lambda t: t.replace('["adam"]', '["nobody"]')), "no 'nobody' in the results"),
    "card-digest": (lambda f: (f / "results.sqlite.xz").write_bytes(b"x"), "SHA-256 is another"),
    "archive-missing": (lambda f: (f / "results.sqlite.xz").unlink(), "No such file"),
    "archive-link": (linked("results.sqlite.xz", "/etc/passwd"), "not an ordinary file"),
    "archive-text": (archive(b"hello"), "not an archive"),
    "archive-zip": (archive(zipped), "not an archive"),
    "archive-pickle": (archive(lzma.compress(pickle.dumps(Bomb()))), "not an optbench store"),
    "archive-cut": (archive(lambda f: (f / "results.sqlite.xz").read_bytes()[:-50]), "cut off"),
    "archive-bomb": (archive(lzma.compress(bytes(20_000_000), preset=0)), "unpacks to more than"),
    "archive-large": (archive(os.urandom(600_000)), "at most 500,000"),
    "store-view": (store("CREATE VIEW x AS SELECT * FROM meta"), "its tables are not those"),
    "store-trigger": (
        store("CREATE TRIGGER x AFTER INSERT ON meta BEGIN DELETE FROM runs; END"), "its tables are not those",
    ),
    "store-program": (store("PRAGMA application_id = 7"), "another program"),
    "store-json": (said("suite", "[" * 50_000), "damaged"),
    "store-list": (said("suite", []), "damaged"),
    "store-no-suite": (said("suite", {}), "does not say which candidates"),
    "store-numbers": (suite(lambda s: s.update(workloads=[1, 2])), "no tables"),
    "store-nameless": (suite(lambda s: s["candidates"][0].pop("name")), "names of candidates"),
    "store-twins": (suite(lambda s: s["candidates"].append(s["candidates"][0])), "names of candidates"),
    "store-many": (suite(lambda s: s.update(candidates=[{"name": str(i)} for i in range(101)])), "101 candidates"),
    "store-long": (said("environment", {"note": "x" * 4_100_000}), "longer than"),
    "store-unplanned": (suite(lambda s: s.update(candidates=s["candidates"][1:])), "its suite does not know"),
    "store-type": (store("UPDATE runs SET outcome = x'00'"), "damaged"),
    "store-checksum": (store("UPDATE runs SET checksum = 1"), "damaged"),
    "store-empty": (store("DELETE FROM runs"), "no finished run"),
    "twice": (lambda f: card(lambda t: t.replace('"good"', '"first"'))(f), "in .* already"),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(what was read, {folder: why it was refused}) of one good entry, all cases, and a link to a folder."""
    home = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry, "STORE_SIZE", 10_000_000)
        patch.setattr(entry, "ARCHIVE_SIZE", 500_000)
        patch.chdir(home)
        made_up(home, "good", ["sgd", "adam"], workloads=1)
        good, place = home / "entries" / "good-1", home / "all"
        place.mkdir()
        shutil.copytree(good, place / "a-first")
        card(lambda t: t.replace('"good"', '"first"'))(place / "a-first")
        for name, (act, _) in CASES.items():
            shutil.copytree(good, place / name)
            act(place / name)
        (place / "link").symlink_to(good)
        (place / "README.md").write_text("no entry")
        with ExitStack() as stack:
            found, refused = entries([place], stack)
    assert not (home / "pickled").exists()
    return found, {one.folder: one.reason for one in refused}, home


def test_the_good_one_is_there_alone(told):
    found, reasons, _ = told
    assert [one.id for one in found] == ["first-1"]
    assert reasons.keys() == {*CASES, "link"}
    assert reasons["link"] == "it is a symbolic link"


@pytest.mark.parametrize("name", CASES)
def test_each_is_told(told, name):
    import re

    reason = told[1][name]
    assert re.search(CASES[name][1], reason)
    assert "\n" not in reason
    assert len(reason) < 600


def test_reasons_have_no_path_of_this_machine(told):
    _, reasons, home = told
    assert [reason for name, reason in reasons.items() if str(home) in reason and name != "twice"] == []


def test_too_many_trials_are_refused(told, monkeypatch):
    monkeypatch.setattr(entry, "TRIALS", 3)
    with ExitStack() as stack:
        found, refused = entries([told[2] / "entries"], stack)
    assert found == []
    assert "trials; at most 3" in refused[0].reason


def test_nothing_of_an_entry_is_executed(tmp_path, monkeypatch):
    """A component that was handed in, with its source; a candidate of a file that lies where the site is built."""
    monkeypatch.chdir(tmp_path)
    made_up(tmp_path, "evil", ["sgd", "adam"], workloads=1)
    source = "from pathlib import Path\nPath('executed').touch()\n"
    (tmp_path / "evil.py").write_text(source)
    folder = tmp_path / "entries" / "evil-1"
    (folder / "source").mkdir()
    (folder / "source" / "evil.py").write_text(source)
    guest = {
        "kind": "optimizers", "name": "evil.py:Evil", "code": "x", "provider": "evil.py", "own": "",
        "place": str(tmp_path / "evil.py"), "digest": "x", "text": source + "</pre><script>alert(1)</script>",
    }  # fmt: skip
    spoil(folder, lambda db: db.execute("INSERT OR REPLACE INTO meta VALUES ('guests', ?)", (json.dumps([guest]),)))
    suite(lambda s: s["candidates"][1].update(optimizer={"name": "./evil.py:Evil"}))(folder)
    found = build([tmp_path / "entries"], tmp_path / "site")
    assert [one.id for one in found.entries] == ["evil-1"]
    page = (tmp_path / "site" / "entries" / "evil-1" / "index.html").read_text()
    assert "&lt;/pre&gt;&lt;script&gt;alert(1)" in page
    assert not (tmp_path / "executed").exists()
    assert "evil" not in sys.modules


def test_one_that_breaks_only_while_it_is_drawn_is_told(five, tmp_path, monkeypatch):
    """What no check foresees: the page of one entry fails, and the others stand."""
    from optbench.board import pages

    draw = pages.drawn

    def drawn(entry: Entry, folder):
        if entry.card.name == "momentum":
            raise ZeroDivisionError("a number nobody thought of")
        return draw(entry, folder)

    monkeypatch.setattr(pages, "drawn", drawn)
    found = build([five / "momentum-1", five / "small-1"], tmp_path / "site")
    assert [one.id for one in found.entries] == ["small-1"]
    assert found.refused[0].folder == "momentum-1"
    assert "a number nobody thought of" in (tmp_path / "site" / "index.html").read_text()
    assert not (tmp_path / "site" / "entries" / "momentum-1").exists()
