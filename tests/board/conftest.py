"""Entries that nobody trained: packed results of made-up trials, with a card each."""

import hashlib
import lzma
import sqlite3
from contextlib import closing

import pytest

from optbench.board.card import read, written
from optbench.board.site import build
from optbench.board.submit import submit
from optbench.referee.synthetic import synthetic_store
from optbench.store.store import STORE, Store

#: what a stranger may call himself, his entry and his candidates
HOSTILE = "</script><script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(2)>{{ 7 * 7 }}'


def made_up(folder, name, candidates, seed=0, version="1", workloads=2, **card):
    """An entry in `folder / "entries"` of made-up trials, about all candidates but the first."""
    run = folder / f"run-{name}-{version}"
    synthetic_store(run, candidates, workloads, seeds=4, trials=2, seed=seed)
    with Store(run / STORE) as store:
        suite = store.get("suite")
        suite["workloads"] = [{**w, "family": w["name"].partition("-")[2]} for w in suite["workloads"]]
        store.set("suite", suite)
    card = {"authors": ["Somebody"], "licence": "CC-BY-4.0", "candidates": candidates[1:], **card}
    return submit(run, folder / "entries", name=name, version=version, **card)


def spoil(folder, change):
    """Change the store of an entry, by `change(db)`, and let its card tell the new archive's digest."""
    archive, card = folder / "results.sqlite.xz", folder / "card.toml"
    store = folder / "store.sqlite"
    store.write_bytes(lzma.decompress(archive.read_bytes()))
    with closing(sqlite3.connect(store)) as db:
        change(db)
        db.commit()
    archive.write_bytes(lzma.compress(store.read_bytes(), preset=0))
    store.unlink()
    sign(folder, read(card.read_text()))


def sign(folder, card):
    """Write a card about the archive that is there."""
    from dataclasses import replace

    digest = hashlib.sha256((folder / "results.sqlite.xz").read_bytes()).hexdigest()
    (folder / "card.toml").write_text(written(replace(card, sha256=digest)))


@pytest.fixture(scope="session")
def five(tmp_path_factory):
    """A folder of five entries: two of one name, one of another suite, one that is hostile in every text."""
    home = tmp_path_factory.mktemp("board")
    made_up(home, "adam", ["sgd", "adam"], 1, description="The first.\n<b>Two</b> lines.", link="https://example.org/a")
    made_up(home, "adam", ["sgd", "adam", "adamw"], 6, version="1.10")
    made_up(home, "momentum", ["sgd", "momentum"], 11)
    made_up(home, "small", ["sgd", "nesterov"], 4, workloads=1)
    # what a command refuses to call a candidate, a stranger's store may
    made_up(home, "hostile", ["sgd", HOSTILE, IMAGE], 5, title=HOSTILE, authors=[IMAGE], description=HOSTILE + IMAGE)
    return home / "entries"


@pytest.fixture(scope="session")
def built(five, tmp_path_factory):
    """The site of these five."""
    return build([five], tmp_path_factory.mktemp("site") / "out")
