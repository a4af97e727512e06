"""A page of lessons on paper: title page, contents, a lesson from its own page on; and the PDF that Chromium makes."""

import re
import sys

import pytest

from optbench.contract.errors import OptbenchError
from optbench.report import write
from optbench.report.page import booklet as module
from optbench.report.page.booklet import booklet, chromium, pages_of, with_numbers

from ..sections.lesson_suite import SUITE
from .browser import chromium as started
from .browser import opened

#: of a page of A4 between its margins, in CSS pixels
WIDTH = (210 - 2 * 16) / 25.4 * 96
LONG = "A workload with a title that goes on and on, as titles of some do that say everything"
TOPICS = ["Momentum & more", "Averages", "Silent"]


@pytest.fixture(scope="module")
def page(make_results, tmp_path_factory):
    quick = make_results(["sgd", "momentum"], ["digits-mlp", "moons-mlp"], points=11)
    works = [{**work, "title": LONG} if work["name"] == "digits-mlp" else work for work in SUITE["workloads"]]
    first, *others = SUITE["topics"]
    code = "print('a line of an exercise that is longer than any line on paper can be, and broken there', 'xxxxxxxxxx')"
    taught = {**first, "takeaway": "Remember it.", "exercise": code, "source": "Polyak 1964", "practice": "Do it."}
    quick.suite = {**SUITE, "workloads": works, "topics": [taught, *others], "title": "A course"}
    quick.claims_frame = quick.claims_frame.head(2).assign(
        topic=["Momentum & more", ""], statement=["Faster", "Free"], workload="digits-mlp", better="momentum",
        worse="sgd",
    )  # fmt: skip
    quick.title = "A course"
    return write(quick, tmp_path_factory.mktemp("course"))


def test_pages_are_read_from_the_pdf_and_put_into_the_contents():
    pdf = (
        b"%PDF-1.4\n3 0 obj\n<</Type /Page\n/Resources 5 0 R>>\nendobj\n4 0 obj\n<</Type /Pages /Kids [3 0 R 9 0 R]>>\n"
        b"endobj\n9 0 obj\n<</Type /Page /MediaBox [0 0 1 1]>>\nendobj\n"
        b"7 0 obj\n<</lesson-a [3 0 R /XYZ 6 792 0]\n/b_2.c [9 0 R /XYZ 6 80.5 0]\n/gone [8 0 R /XYZ 0 0 0]>>\nendobj\n"
    )
    assert pages_of(pdf) == {"lesson-a": 1, "b_2.c": 2}
    text = '<nav><a href="#lesson-a">A</a><a href="#other">O</a></nav><p><a href="#lesson-a">A</a></p>'
    assert with_numbers(text, pages_of(pdf)) == (
        '<nav><a data-page="1" href="#lesson-a">A</a><a href="#other">O</a></nav><p><a href="#lesson-a">A</a></p>'
    )


def test_without_chromium_there_is_one_message(monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(OptbenchError, match="neither chromium nor google-chrome is on the path"):
        chromium()


def test_a_browser_that_fails_is_named_with_what_it_said(tmp_path):
    page, fake = tmp_path / "page.html", tmp_path / "chromium"
    page.write_text("<p>")
    with pytest.raises(OptbenchError, match="chromium could not print"):
        booklet(page, tmp_path / "out.pdf", fake)
    fake.write_text(f"#!{sys.executable}\nimport sys\nprint('no\\x1b display', file=sys.stderr)\nsys.exit(7)\n")
    fake.chmod(0o755)
    with pytest.raises(OptbenchError, match=r"\(exit status 7\): no\\x1b display"):
        booklet(page, tmp_path / "out.pdf", fake)
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.browser
def test_the_pdf_has_each_lesson_from_its_own_page_on(page, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    reader = pypdf.PdfReader(booklet(page, tmp_path / "new" / "course.pdf", chromium()))
    texts = [" ".join(sheet.extract_text().split()) for sheet in reader.pages]
    assert "A course" in texts[0]
    assert "Contents" not in texts[0]
    contents = next(number for number, text in enumerate(texts) if "Contents" in text)
    starts = []
    for number, name in enumerate(TOPICS, 1):
        (start,) = [k for k, text in enumerate(texts) if text.startswith(f"{k + 1} {number} {name} ")]
        assert re.search(rf"{number} {re.escape(name)} {start + 1}\b", texts[contents]), "the contents say its page"
        starts.append(start)
    assert contents < starts[0]
    assert starts == sorted(starts)
    record = next(k for k, text in enumerate(texts) if "How this was measured" in text and k > contents)
    assert record > starts[-1]
    assert len(texts) <= record + 3, "the suite as TOML is no part of a booklet"
    whole = " ".join(texts)
    for part in ("Remember it.", "Polyak 1964", "a line of an exercise that is longer", LONG):
        assert part in whole
    for control in ("Open all", "Close all", "Dark", "Skip to", "SVG", "needs no network"):
        assert control not in whole, control
    assert all(text.startswith(f"{k} ") for k, text in enumerate(texts, 1) if k > 1), "pages have their number"
    assert all(float(sheet.mediabox.width) < float(sheet.mediabox.height) for sheet in reader.pages)


@pytest.mark.browser
def test_nothing_is_cut_off_to_the_right_and_figures_stay_whole(page):
    beyond = """width => [...document.querySelectorAll('body *')].filter(one => {
        const box = one.getBoundingClientRect(), hides = getComputedStyle(one).overflowX !== 'visible';
        return box.width > 1 && !one.closest('svg *, .defs, .unseen, .skip')
            && (box.right > width + 1 || (hides && one.scrollWidth > one.clientWidth + 1));
    }).map(one => one.outerHTML.slice(0, 100))"""
    with started() as browser, opened(browser, page, width=int(WIDTH)) as shown:
        shown.emulate_media(media="print")
        assert shown.evaluate(beyond, WIDTH) == []
        kept = "all => all.map(one => getComputedStyle(one).breakInside)"
        assert set(shown.locator("figure, .exercise, .said li").evaluate_all(kept)) == {"avoid"}
        assert not shown.locator(".tools").is_visible()
