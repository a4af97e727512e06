"""The page as a browser shows it: on wide and narrow screens, light and dark, on paper, to a screen reader."""

import re

import pytest

pytest.importorskip("playwright.sync_api")

from optbench.report import write

from .browser import chromium, opened

pytestmark = pytest.mark.browser
OPEN = "document.querySelectorAll('details').forEach(fold => fold.open = true)"
LONG = "a-candidate-with-a-name-that-goes-on-and-on-and-on"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory, make_results):
    results = make_results(["sgd", "adam", LONG], ["digits-mlp", "moons-mlp"], points=8)
    return write(results, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_overflow_no_request_no_complaint(browser, page_file, width, scheme):
    with opened(browser, page_file, width, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(OPEN)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


MEETING = """() => {
  const found = [];
  for (const svg of document.querySelectorAll(".panels svg[viewBox]")) {
    const frame = svg.getBoundingClientRect();
    if (!frame.width || svg.querySelector('text[transform]')) continue; // boxes of turned letters say nothing
    const shown = [...svg.querySelectorAll("text")].filter((t) => t.textContent.trim());
    const texts = shown.map((t) => [t.textContent, t.getBoundingClientRect()]);
    texts.forEach(([said, a], k) => {
      const aside = a.left < frame.left - 1 || a.right > frame.right + 1;
      if (aside || a.top < frame.top - 1 || a.bottom > frame.bottom + 1) found.push(`cut: ${said}`);
      for (const [other, b] of texts.slice(0, k)) {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && tall > 4) found.push(`meet: ${said} | ${other}`);
      }
    });
  }
  return found;
}"""


@pytest.mark.parametrize("width", [400, 1000, 1400])
def test_letters_of_figures_neither_meet_nor_are_cut(browser, page_file, width):
    with opened(browser, page_file, width) as page:
        page.evaluate(OPEN)
        assert page.locator(".panels svg text").count() > 100
        assert page.evaluate(MEETING) == []


def test_wide_tables_keep_who_a_row_is_about_in_sight(browser, page_file):
    with opened(browser, page_file, 800) as page:
        page.evaluate(OPEN)
        sheet = page.locator("section[aria-labelledby=leaderboard] .scroll").first
        head = sheet.locator("tbody th").first
        before = head.bounding_box()["x"]
        moved = sheet.evaluate("s => { s.scrollLeft = 1e6; return s.scrollLeft; }")
        assert moved > 20
        assert head.bounding_box()["x"] == pytest.approx(before, abs=1)


def test_the_first_screen_has_the_verdict_and_its_picture(browser, page_file):
    with opened(browser, page_file) as page:
        assert page.locator(".headline").bounding_box()["y"] < 900
        picture = page.locator(".verdict .panel svg")
        assert picture.count() == 2
        for i in range(2):
            box = picture.nth(i).bounding_box()
            assert box["y"] + box["height"] < 900
            assert box["width"] > 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_axe_finds_nothing_serious(browser, page_file, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with opened(browser, page_file, width, color_scheme=scheme) as page:
        page.evaluate(OPEN)
        found = axe.Axe().run(page).response
        grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
        assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in grave] == []
        assert len(found["passes"]) > 20


def test_paper_and_ink_follow_the_scheme(browser, page_file):
    shades = {}
    for scheme in ("light", "dark"):
        with opened(browser, page_file, color_scheme=scheme) as page:
            shades[scheme] = page.evaluate(
                "() => { const at = document.getElementById('curves').closest('section').querySelector('.panel svg');"
                " const fill = (tag) => getComputedStyle(at.querySelector(tag)).fill;"
                " return [getComputedStyle(document.body).backgroundColor, fill('text'), fill('path')]; }"
            )
    assert shades["light"][0] == shades["light"][2] == "rgb(254, 254, 254)"
    assert shades["dark"][0] == shades["dark"][2] == "rgb(21, 23, 27)"
    assert shades["dark"][1] == "rgb(230, 232, 235)"


def test_without_script_everything_is_there(browser, page_file):
    with opened(browser, page_file, java_script_enabled=False) as page:
        assert page.locator(".tools").is_hidden()
        page.locator("#ranks").click()  # <details> needs no script
        assert page.locator("section[aria-labelledby=ranks] table").is_visible()
        assert page.locator(".verdict g.c0 > title").first.text_content().startswith("sgd: ")


def test_on_paper_all_sections_are_open_and_light_and_without_controls(browser, page_file):
    with opened(browser, page_file, color_scheme="dark") as page:
        page.emulate_media(media="print")
        assert page.locator(".tools").is_hidden()
        assert page.locator("nav").is_hidden()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(254, 254, 254)"
        assert page.locator("section[aria-labelledby=ranks] table").bounding_box()["height"] > 100
        printed = page.pdf(format="A4")
    pages = len(re.findall(rb"/Type /Page\b", printed))
    assert printed.startswith(b"%PDF-")
    assert pages >= 6
    assert len(printed) > 100_000
