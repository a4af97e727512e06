"""Opens the built site in Chromium: `python docs/look.py [SITE]`, at 400 pixels, light, and 1400, dark.

A page of each sort: nothing reaches beyond the window, no script fails, nothing is fetched from elsewhere, and axe
finds nothing serious. Exit status 1 where something is found. pip install -e ".[docs,browser]" first, and Debian's
chromium.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
#: one of each sort: patterns of the built site, of which the first file is taken
SORTS = (
    "index.html", "tutorials/index.html", "tutorials/my-optimizer.html", "tutorial.html", "statistics.html",
    "standard.html", "suites.html", "lessons/*.html", "plugins/optbench-lion.html", "project/contributing.html",
    "reference/index.html", "reference/api/optbench/index.html", "reference/api/optbench/run.html",
    "reference/api/optbench/Optimizer.html", "reference/components/optimizers/adam.html",
    "reference/components/initializers/he.html", "reference/components/datasets/digits.html",
    "reference/components/networks/cnn.html", "reference/components/schedules/cosine.html",
    "reference/workloads/digits-cnn.html", "reference/suites/quick.html", "reference/commands/run.html",
    "reference/hooks/optbench_optimizers.html", "reference/fields/index.html", "gallery/index.html", "search.html",
)  # fmt: skip
WINDOWS = ((400, "light"), (1400, "dark"))
#: what is black or not there at all, since no rule of the page speaks of its class
UNCOLOURED = """[...document.querySelectorAll("figure.made svg :is(path, text, circle)")].filter(one => {
    if (one.closest("defs, symbol") || one.hasAttribute("style")) return false
    const { stroke, fill } = getComputedStyle(one)
    return stroke === "none" && (fill === "none" || fill === "rgb(0, 0, 0)")
}).length"""
SERIOUS = {"serious", "critical"}


def findings(browser: Any, file: Path, width: int, theme: str) -> list[str]:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(f"script: {error}"))
    page.on("request", lambda asked: asked.url.startswith("http") and found.append(f"fetches {asked.url}"))
    page.goto(file.as_uri())
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        found.append(f"{wide - width} pixels wider than the window")
    if bare := page.evaluate(UNCOLOURED):
        found.append(f"{bare} parts of pictures have no colour of the page's")
    for one in Axe().run(page).response["violations"]:
        if one["impact"] in SERIOUS:
            found.append(f"axe: {one['id']}: {one['nodes'][0]['html'][:120]} and {len(one['nodes']) - 1} more")
    context.close()
    return found


def main() -> int:
    site = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE / "build" / "html"
    files = [next(iter(sorted(site.glob(sort)))) for sort in SORTS]
    count = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for file in files:
            for width, theme in WINDOWS:
                for finding in findings(browser, file, width, theme):
                    print(f"{file.relative_to(site)}, {width} pixels, {theme}: {finding}")
                    count += 1
        browser.close()
    print(f"{len(files)} pages, {len(WINDOWS)} windows: {count} findings")
    return int(bool(count))


if __name__ == "__main__":
    sys.exit(main())
