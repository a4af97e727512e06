"""What the page does: sort, choose, say numbers, turn dark, open, remember; by pointer and by keyboard."""

import pytest

pytest.importorskip("playwright.sync_api")

from optbench.referee.synthetic import synthetic_store
from optbench.report import write
from optbench.results.results import Results

from .browser import chromium, opened

pytestmark = pytest.mark.browser
NAMES = ["sgd", "adam", "adam-cosine"]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory, make_results):
    results = make_results(NAMES, ["digits-mlp", "moons-mlp", "diabetes-regression"], points=8)
    return write(results, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser, page_file):
    with opened(browser, page_file) as page:
        yield page


def column(page, section, number):
    cells = page.locator(f"section[aria-labelledby={section}] tbody tr:visible > :nth-child({number})")
    return [text.strip() for text in cells.all_text_contents()]


def numbers(texts):
    return [float("inf") if t == "missed" else float(t.split()[0].replace("∞", "inf")) for t in texts]


def unfold(page, section):
    page.locator(f"section[aria-labelledby={section}] > details").evaluate("fold => fold.open = true")


# ------------------------------------------------------------------------------------------------------------ tables


def test_a_table_is_sorted_by_any_column_both_ways(page):
    unfold(page, "workloads")
    head = page.locator("section[aria-labelledby=workloads] th", has_text="Steps to target")
    head.locator("button").click()
    up = numbers(column(page, "workloads", 3))
    assert up == sorted(up)
    assert len(set(up)) > 2
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").click()
    assert numbers(column(page, "workloads", 3)) == up[::-1] or sorted(up, reverse=True) == numbers(
        column(page, "workloads", 3)
    )
    assert head.get_attribute("aria-sort") == "descending"
    other = page.locator("section[aria-labelledby=workloads] th", has_text="Workload")
    other.locator("button").click()
    names = column(page, "workloads", 2)
    assert names == sorted(names)
    assert head.get_attribute("aria-sort") is None


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_table_is_sorted_by_keyboard(page, key):
    button = page.locator("section[aria-labelledby=leaderboard] th", has_text="Score").locator("button")
    button.focus()
    page.keyboard.press(key)
    scores = numbers(column(page, "leaderboard", 2))
    assert scores == sorted(scores)
    assert scores[0] < scores[-1]


# ------------------------------------------------------------------------------------------------------------ choices


def test_a_hidden_candidate_leaves_figures_and_tables(page):
    key = page.locator('input[data-name="adam"]').get_attribute("value")
    for section in ("curves", "time-to-target", "workloads"):
        unfold(page, section)
    assert page.locator(f".panels .{key}:visible").count() > 5
    page.locator(".menu summary", has_text="Candidates").click()
    page.get_by_role("checkbox", name="adam", exact=True).uncheck()
    assert page.locator(f".panels .{key}:visible").count() == 0
    assert "adam" not in column(page, "leaderboard", 1)
    assert set(column(page, "workloads", 1)) == {"sgd", "adam-cosine"}
    assert page.locator('[data-count="candidates"]').inner_text() == "2 of 3"
    page.locator('[data-menu="candidates"] button', has_text="All").click()
    assert page.locator(f".panels .{key}:visible").count() > 5


def test_an_entry_of_a_legend_hides_and_shows(page):
    entry = page.locator("section[aria-labelledby=curves] .looks li", has_text="sgd").first
    entry.click()
    assert "sgd" not in column(page, "leaderboard", 1)
    entry.click()
    assert "sgd" in column(page, "leaderboard", 1)


def test_a_workload_leaves_figures_and_tables(page):
    unfold(page, "workloads")
    panels = page.locator("section[aria-labelledby=curves] figure").first.locator(".panel:visible")
    assert panels.count() == 3
    page.locator(".menu summary", has_text="Workloads").click()
    page.get_by_role("checkbox", name="moons-mlp").uncheck()
    assert panels.count() == 2
    assert set(column(page, "workloads", 2)) == {"digits-mlp", "diabetes-regression"}


def test_candidates_are_chosen_by_kind(page):
    page.locator('select[data-kind="optimizer"]').select_option("adam")
    assert column(page, "leaderboard", 1) == ["adam-cosine", "adam"]
    page.locator('select[data-kind="schedule"]').select_option("cosine")
    assert column(page, "leaderboard", 1) == ["adam"]
    page.locator('select[data-kind="schedule"]').select_option("")
    page.locator('select[data-kind="optimizer"]').select_option("")
    assert len(column(page, "leaderboard", 1)) == 3


# ------------------------------------------------------------------------------------------------------------ numbers


def test_a_mark_that_is_pointed_at_says_its_numbers(page):
    tip = page.locator("#tip")
    assert tip.inner_text() == ""
    box = page.locator(".verdict .panel g.c0").locator("path").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert tip.inner_text().startswith("sgd: ")
    assert "[" in tip.inner_text()
    page.mouse.move(5, 5)
    assert tip.inner_text() == ""


def test_a_curve_says_the_number_at_the_place(page):
    curve = page.locator("section[aria-labelledby=curves] .panel").first.locator("g.c0 > path").last
    curve.scroll_into_view_if_needed()
    place = curve.evaluate(
        """path => {
            const point = path.getPointAtLength(path.getTotalLength() * 0.97);
            const at = point.matrixTransform(path.getScreenCTM());
            return [at.x, at.y];
        }"""
    )
    page.mouse.move(*place)
    told = page.locator("#tip").inner_text()
    assert "sgd" in told
    assert "validation accuracy 0." in told
    steps = float(told.rpartition("at steps ")[2])
    assert 800 <= steps <= 1000


def test_arrows_go_from_mark_to_mark(page):
    figure = page.locator(".verdict .panels")
    figure.focus()
    told = []
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        told.append(page.locator("#tip").inner_text())
    assert [t.partition(":")[0] for t in told] == ["adam-cosine", "adam", "sgd", "adam-cosine"]
    page.keyboard.press("ArrowLeft")
    assert page.locator("#tip").inner_text() == told[2]
    page.keyboard.press("Escape")
    assert page.locator("#tip").inner_text() == ""


# ------------------------------------------------------------------------------------------------------------ the rest


def test_the_switch_turns_dark_and_back(page):
    shade = "getComputedStyle(document.body).backgroundColor"
    switch = page.locator("[data-theme-switch]")
    switch.click()
    assert page.evaluate(shade) == "rgb(21, 23, 27)"
    assert switch.inner_text() == "Light"
    switch.press("Enter")
    assert page.evaluate(shade) == "rgb(254, 254, 254)"


def test_sections_open_by_keyboard_and_from_the_contents(page):
    fold = page.locator("section[aria-labelledby=tuning] > details")
    assert fold.get_attribute("open") is None
    fold.locator("> summary").focus()
    page.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None
    page.keyboard.press("Space")
    assert fold.get_attribute("open") is None
    page.locator("nav a", has_text="Tuning curves").press("Enter")
    assert fold.get_attribute("open") is not None
    assert page.evaluate("document.activeElement.textContent").strip().startswith("Tuning curves")
    page.locator("button", has_text="Close all").click()
    assert page.locator(".fold[open]").count() == 0
    page.locator("button", has_text="Open all").click()
    assert page.locator(".fold:not([open])").count() == 0


def test_escape_closes_a_menu_and_returns_to_it(page):
    menu = page.locator(".menu").first
    menu.locator("summary").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_keyboard_goes_through_the_page_in_order(page):
    seen = []
    for _ in range(9):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim()"
            )
        )
    assert seen[0] == "Skip to the results"
    assert seen[1].startswith("Figure: Dots with 95 %")
    assert seen[2] == "SVG"
    assert seen[3].startswith("Candidates")
    assert seen[4].startswith("Workloads")


def test_the_address_remembers_what_is_shown(browser, page_file, page):
    page.locator('input[data-name="adam-cosine"]').evaluate("box => box.click()")
    page.locator('input[data-name="digits-mlp"]').evaluate("box => box.click()")
    page.locator("[data-theme-switch]").click()
    page.locator("nav a", has_text="Over all workloads").click()
    hash = page.evaluate("location.hash")
    assert hash == "#ranks?hide=adam-cosine&without=digits-mlp&theme=dark"
    with opened(browser, page_file, hash=hash) as again:
        assert column(again, "leaderboard", 1) == ["adam", "sgd"]
        assert again.locator('[data-count="workloads"]').inner_text() == "2 of 3"
        assert again.locator("section[aria-labelledby=ranks] > details").get_attribute("open") is not None
        assert again.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 27)"


ATTACKS = [
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(2)>",
    "javascript:alert(3)",
    "' onmouseover='alert(4)",
    "</style><script>alert(5)</script>",
    "</script><script>alert(6)</script>",
    "]]></title><svg onload=alert(7)>",
    "a,b&hide=c#d?e%2Cf",
]


def test_nothing_in_a_name_executes_and_its_candidate_can_still_be_hidden(browser, tmp_path, make_results):
    results = make_results([*ATTACKS, "adam"], [ATTACKS[0], ATTACKS[2]], seeds=2, tune=2, points=3)
    results.title = results.suite["description"] = "".join(ATTACKS)
    results.problems = ATTACKS
    results.trials.loc[0, ["outcome", "message", "traceback"]] = ["error", ATTACKS[5], ATTACKS[5]]
    results.claims_frame = results.claims_frame.assign(
        statement=ATTACKS[0], topic=ATTACKS[5], source=ATTACKS[2], verdict=ATTACKS[3], metric=ATTACKS[1]
    )
    file = write(results, tmp_path)
    with opened(browser, file) as page:
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert "could not be drawn" not in page.content()
        figure = page.locator(".verdict .panels")
        figure.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        for name in ATTACKS:
            page.evaluate(
                "name => [...document.querySelectorAll('input')].find(i => i.dataset.name === name).click()", name
            )
        assert column(page, "leaderboard", 1) == ["adam"]
        assert page.locator("img, iframe, [onload], [onerror], [onmouseover], a[href^='javascript']").count() == 0
        hash = page.evaluate("location.hash")
    with opened(browser, file, hash=hash) as again:
        assert column(again, "leaderboard", 1) == ["adam"]


# -------------------------------------------------------------------------------------------------- many candidates


def test_candidates_in_grey_have_their_colours_once_a_dozen_are_chosen(browser, tmp_path):
    names = [f"candidate-{i}" for i in range(13)]
    results = Results(synthetic_store(tmp_path, names, ["digits-mlp"], seeds=3, trials=3))
    grey_name = list(results.leaderboard().index)[-1]
    key = f"c{names.index(grey_name)}"
    file = write(results, tmp_path)
    last = f".panels g.{key}.faint path"
    read = f"getComputedStyle(document.querySelector('{last}')).stroke"
    with opened(browser, file) as page:
        unfold(page, "curves")
        assert "in grey" in page.locator("section[aria-labelledby=curves] .looks").first.text_content()
        grey = page.evaluate(read)
        box = page.locator('[data-menu=candidates] input[data-name="candidate-0"]')
        box.evaluate("box => box.click()")
        look = page.evaluate(f"getComputedStyle(document.querySelector('#look-{key} path')).stroke")
        assert page.evaluate(read) == look != grey
        box.evaluate("box => box.click()")
        assert page.evaluate(read) == grey
