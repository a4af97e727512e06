"""Cards: what is written is read again, what is wrong is named."""

import json
import re
from dataclasses import replace

import pytest

from optbench.board.card import LICENCES, Card, read, written
from optbench.board.cite import bibtex, cff
from optbench.cli import board
from optbench.contract.errors import OptbenchError

GOOD = Card(
    "my-lion", "1.2", "Lion", ("Somebody",), "CC-BY-4.0", "2026-11-27", ("lion",), "0" * 64, "What it is.\nMore.",
    "https://example.org/a?b=1", ("optbench-lion==0.1", "x @ git+https://example.org/a/b.git@0123abc"),
    ("lion", "source/mine.py:Lion"),
)  # fmt: skip


def test_what_is_written_is_read():
    assert read(written(GOOD)) == GOOD
    assert GOOD.id == "my-lion-1.2"


def test_versions_are_in_order():
    numbers = ["1", "1.2", "1.9", "1.10", "2.0rc1", "2.0.1"]
    assert sorted(set(numbers), key=lambda n: replace(GOOD, version=n).order) == numbers


@pytest.mark.parametrize(("field", "value"), [
    ("name", "../up"), ("name", "a/b"), ("name", "Lion"), ("name", ""), ("name", "a" * 61), ("name", "-x"),
    ("name", "con\n"), ("name", "é"),
    ("version", "1-2"), ("version", ".."), ("version", "v1"), ("version", "1."), ("version", "1/2"),
    ("title", " "), ("title", "a\u202eb"), ("title", "x" * 201), ("title", "a\nb"),
    ("authors", ()), ("authors", ("a", "a")), ("authors", tuple(map(str, range(51)))), ("authors", ("\x1b[2J",)),
    ("licence", "mine"), ("date", "yesterday"), ("date", "2026-13-01"), ("date", "20261127"),
    ("candidates", ()), ("candidates", ("a",) * 2), ("sha256", "0" * 63), ("description", "x" * 4001),
    ("link", "javascript:alert(1)"), ("link", "http://example.org"), ("link", 'https://x.org/"onclick='),
    ("link", "https://x.org/ y"),
    ("requires", ("--index-url=https://x.org",)), ("requires", ("-r /etc/passwd",)), ("requires", ("lion",)),
    ("requires", ("x @ file:///etc",)), ("requires", ("x==1 --pre",)), ("requires", ("x @ git+https://x.org/a@main",)),
    ("components", ("../x.py:Lion",)), ("components", ("source/../x.py:Lion",)), ("components", ("--help",)),
    ("components", ("/etc/x.py:Lion",)),
])  # fmt: skip
def test_what_is_wrong_is_named(field, value):
    with pytest.raises(OptbenchError, match=field.removesuffix("s")):
        replace(GOOD, **{field: value})


@pytest.mark.parametrize(("text", "told"), [
    ("name = ", "not TOML"), ("x = " + "[" * 5000, "not TOML"), ("nam = 'x'", r"unknown field 'nam'; did you mean"),
    ("name = 'x'", "version is missing"), (written(GOOD).replace('"Lion"', "5", 1), "title must be a text"),
    (written(GOOD).replace('["Somebody"]', '"Somebody"'), "authors must be a list"),
])  # fmt: skip
def test_a_text_that_is_no_card(text, told):
    with pytest.raises(OptbenchError, match=told):
        read(text)


def test_the_command_line_knows_the_licences():
    assert tuple(one.value for one in board.Licence) == LICENCES


def test_a_citation_holds_what_its_author_wrote_as_text():
    card = replace(GOOD, title=r"50 % of \input{x} & $y_1$", authors=('A "B" {C}', "D and E"))
    text = bibtex(card)
    assert text.startswith("@misc{my-lion-1.2,\n")
    assert r"\textbackslash{}input\{x\}" in text
    assert r"50 \% of" in text
    assert "{A {''}B{''} \\{C\\}} and {D and E}" in text
    # balanced, with the escaped ones left out
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    lines = cff(card).splitlines()
    assert json.loads(lines[3].removeprefix("title: ")) == card.title
    assert [json.loads(line.removeprefix("  - name: ")) for line in lines[-2:]] == list(card.authors)
