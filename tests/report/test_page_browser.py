"""The page as a browser shows it."""

import shutil

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory, make_results):
    from optbench.report import write

    names = ["sgd", "adam", "a-candidate-with-a-name-that-goes-on-and-on-and-on"]
    return write(
        make_results(names, ["digits-mlp", "moons-mlp"], points=8), tmp_path_factory.mktemp("report")
    )


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium)
        yield started
        started.close()


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_overflow_no_request_no_complaint(browser, page_file, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    complaints, requests = [], []
    page.on("console", lambda m: complaints.append(m.text))
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("request", lambda r: requests.append(r.url))
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    assert requests == [page_file.as_uri()]
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_paper_and_ink_follow_the_scheme(browser, page_file):
    shades = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(page_file.as_uri())
        shades[scheme] = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor,"
            " getComputedStyle(document.querySelector('.panel svg text')).fill,"
            " getComputedStyle(document.querySelector('.panel svg path')).fill]"
        )
        context.close()
    assert shades["light"][0] == shades["light"][2] == "rgb(254, 254, 254)"
    assert shades["dark"][0] == shades["dark"][2] == "rgb(21, 23, 27)"
    assert shades["dark"][1] == "rgb(230, 232, 235)"


def test_the_keyboard_reaches_the_sections(browser, page_file):
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the results"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Figure: Dots with 95 %")
    page.close()
