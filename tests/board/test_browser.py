"""The board as a browser shows it: filters, the comparison of any two, wide and narrow, light and dark."""

import pytest

pytest.importorskip("playwright.sync_api")

from report.page.browser import chromium, opened

pytestmark = pytest.mark.browser
OPEN = "document.querySelectorAll('details').forEach(fold => fold.open = true)"
PAGES = ("index.html", "compare.html", "entries/adam-1.10/index.html", "entries/hostile-1/index.html")


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_nothing_overflows_and_axe_finds_nothing_serious(browser, built, name, scheme, width):
    """Nor does a page ask for anything, complain, or run what a stranger wrote: `opened` watches."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with opened(browser, built.page.parent / name, width, color_scheme=scheme) as page:
        page.evaluate(OPEN)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = axe.Axe().run(page).response
        grave = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
        assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in grave] == []
        assert len(found["passes"]) > 15


def rows(page):
    return page.locator(".board tbody tr:visible").count()


def test_filters(browser, built):
    with opened(browser, built.page) as page:
        assert rows(page) == 8
        page.fill("[data-filter=text]", "MOMENTUM")
        assert rows(page) == 1
        assert page.locator("[data-shown]").text_content() == "1 of 8 rows"
        assert page.locator(".league:visible").count() == 1
        page.fill("[data-filter=text]", "")
        families = page.locator("[data-filter=family] option").all_text_contents()
        assert len(families) > 1
        page.select_option("[data-filter=family]", families[1])
        assert page.locator(".sheet:visible").first.get_attribute("data-family") == families[1]
        assert page.locator(".league .verdict:visible").count() == 0  # words are about all workloads
        page.select_option("[data-filter=family]", "")
        page.select_option("[data-filter=ruleset]", "tuned")
        assert rows(page) == 8
        page.locator(".board thead button").nth(1).click()  # by speed group
        first = page.locator(".board").first.locator("tbody tr td").first
        assert first.text_content() == "1"


def test_any_two_are_compared(browser, built):
    with opened(browser, built.page.parent / "compare.html") as page:
        names = page.locator("#one option").all_text_contents()
        assert len(names) == 6
        page.select_option("#one", label="sgd")
        page.select_option("#two", label="momentum")
        ahead = "momentum" if names.index("momentum") < names.index("sgd") else "sgd"
        assert page.locator("#said h2").text_content().startswith(ahead)
        assert page.locator("#said .word").count() == 2
        assert page.locator("#said tbody tr").count() == 2
        address = page.url.partition("#")[2]
        page.select_option("#two", label="sgd")
        assert page.locator("#said").text_content() == "Choose two different ones."
        page.go_back()
        assert page.locator("#two option:checked").text_content() == "momentum"
    with opened(browser, built.page.parent / "compare.html", hash=f"#{address}") as page:
        assert page.locator("#one option:checked").text_content() == "sgd"
        page.select_option("#league", index=1)
        assert page.locator("#said h2").text_content() in ("nesterov against sgd", "sgd against nesterov")


def test_texts_of_strangers_run_nowhere(browser, built):
    """`opened` fails at a dialog; and what they wrote is there to be read."""
    with opened(browser, built.page) as page:
        assert page.locator("text=</script><script>alert(1)</script>").count() > 0
        assert page.locator("img").count() == 0


def test_without_script_the_rankings_are_there(browser, built):
    with opened(browser, built.page, java_script_enabled=False) as page:
        assert rows(page) == 8
        assert page.locator(".tools").is_hidden()
