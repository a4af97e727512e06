"""What the site's build makes of docstrings and links, and that every page of docs/ stands in its tree."""

import re
import sys
from pathlib import Path

import pytest

from optbench.suite.problems import MODELS

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))
from making.docstrings import inline, meanings, rst, summary  # noqa: E402
from making.linked import broken  # noqa: E402
from making.links import PAGES, led, page_of  # noqa: E402

sys.path.remove(str(DOCS))


def test_two_columns_are_a_definition_list():
    text = "Train.\n\nx        (examples, inputs)\nseed     of masks,\n         and more\n"
    lines = [line for line in rst(text).splitlines() if line]
    assert lines == ["Train.", "``x``", "    (examples, inputs)", "``seed``", "    of masks, and more"]


def test_names_alone_on_a_line_are_a_row_and_prose_is_none():
    assert "``seeds, trials``\n    limit the suite\n" in rst("seeds, trials\n    limit the suite")
    assert rst("Down.  w <- w - lr g.").strip() == "Down.  w <- w - lr g."


def test_what_is_indented_is_code():
    lines = rst("So:\n\n    m <- b m\n\n    v <- v").splitlines()
    code = lines.index(".. code-block:: text")
    assert lines[code + 1 :] == ["", "    m <- b m", "", "    v <- v"]
    assert ".. code-block:: pycon" in rst("One:\n    >>> 1\n    1")


def test_marks_of_restructured_text_are_letters_in_prose():
    assert inline("a *b* c_ `d_*` |e|") == r"a \*b\* c\_ \ ``d_*``\  \|e\|"
    assert inline("**Targets** of {**a, **b}") == r"**Targets** of {\*\*a, \*\*b}"
    assert inline("see `Adam`", lambda name: f":py:obj:`{name}`") == "see :py:obj:`Adam`"


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.__name__)
def test_every_field_of_a_suite_is_told(model):
    assert set(model.model_fields) - meanings(model).keys() == set()


def test_a_summary_is_the_first_sentence():
    assert summary("Sizes are 1.5 or 2. Others\nare not.\n\nMore.") == "Sizes are 1.5 or 2. Others are not."
    assert summary("One of two. Then\nmore.") == "One of two."
    assert summary(None) == ""


def test_links_lead_to_the_pages_of_files():
    here = DOCS / "tutorials"
    text = "[a](../suites.md#grid) [b](../../CONTRIBUTING.md#speed) [c](../../plugins/optbench-lion) [d](https://x.y/z)"
    assert led(text, here, here) == (
        "[a](/suites.md#grid) [b](/project/contributing.md#speed) [c](/plugins/optbench-lion.md) [d](https://x.y/z)"
    )
    assert page_of(DOCS.parent / "plugins" / "optbench-torch" / "README.md") == "plugins/optbench-torch.md"
    assert page_of(DOCS.parent / "asv.conf.json") is None
    assert all((DOCS.parent / file).is_file() for file in PAGES)


def test_links_that_lead_nowhere_are_found(tmp_path):
    linking = '<p id="here"><a href="#here">1</a><a href="b.html#gone">2</a><a href="c.html">3</a>'
    (tmp_path / "a.html").write_text(linking)
    (tmp_path / "b.html").write_text('<a href="a.html#here">back</a><a href="https://x.y">out</a><img src="no.png">')
    assert [line.split(": ")[1] for line in broken(tmp_path)] == ["b.html#gone", "c.html", "no.png"]


def written():
    """The pages that somebody writes; the others are made at build."""
    made = ("build", "project", "plugins", "gallery")
    files = [*DOCS.rglob("*.md"), *DOCS.rglob("*.ipynb")]
    for file in files:
        parts = file.relative_to(DOCS).parts
        if parts[0] not in made and not (parts[0] == "reference" and len(parts) > 2):
            yield file


def test_every_page_stands_in_the_tree():
    reached, open_ = set(), [DOCS / "index.md"]
    while open_:
        page = open_.pop()
        if page in reached or not page.is_file():
            continue
        reached.add(page)
        text = page.read_text(encoding="utf-8") if page.suffix == ".md" else ""
        for tree in re.findall(r"^```\{toctree\}\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            names = [line for line in tree.split() if not line.startswith(":")]
            places = [DOCS / name[1:] if name.startswith("/") else page.parent / name for name in names]
            open_ += [place.with_suffix(suffix).resolve() for place in places for suffix in (".md", ".ipynb")]
    assert set(written()) - reached == set()


def test_colours_are_those_of_the_report():
    report = (DOCS.parent / "optbench" / "report" / "templates" / "report.css").read_text(encoding="utf-8")
    site = (DOCS / "static" / "site.css").read_text(encoding="utf-8")
    names = ("paper", "raised", "ink", "muted", "grid", "faint", "accent", "bad", *(f"p{n}" for n in range(6)), "p7")
    of_site = [dict(re.findall(r"--(\w+): (#\w+);", block)) for block in re.findall(r"\{(.*?)\}", site, re.DOTALL)[:2]]
    for name in names:
        light, dark = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", report).groups()
        assert (of_site[0][name], of_site[1][name]) == (light, dark), name
