"""A page as a PDF, by Chromium: the style sheet makes a booklet of a page of lessons.

It is printed twice: only the first PDF tells on which page each section begins, which the contents of the second then
say.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from optbench.contract.errors import OptbenchError
from optbench.contract.text import visible

#: what Chromium is called where it is installed
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
#: seconds that it may take for one PDF
PATIENCE = 300


def chromium() -> Path:
    """The browser that prints: one on the path, else playwright's. Raises `OptbenchError` where there is none."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return Path(found)
    with suppress(ImportError):
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            path = Path(playwright.chromium.executable_path)
        if path.is_file():
            return path
    raise OptbenchError(
        "a booklet is printed by Chromium, which is not here: neither chromium nor google-chrome is on the path; "
        "install one of them, or open the page in any browser and print it there: that is the same booklet"
    )


def booklet(page: Path, out: Path, browser: Path) -> Path:
    """Print a page to a PDF; returns its path. Raises `OptbenchError` where that fails."""
    with TemporaryDirectory(prefix="optbench-booklet-") as name:
        folder = Path(name)
        first = printed(page, folder / "first.pdf", browser, folder)
        numbered = folder / "numbered.html"
        text = page.read_text(encoding="utf-8")
        numbered.write_text(with_numbers(text, pages_of(first.read_bytes())), encoding="utf-8")
        last = printed(numbered, folder / "last.pdf", browser, folder)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(last, out)
        except OSError as error:
            raise OptbenchError(f"cannot write the booklet to {error.filename or out}: {error.strerror}") from error
    return out


def printed(page: Path, out: Path, browser: Path, folder: Path) -> Path:
    """One PDF of a page, with bookmarks and links."""
    # a profile of its own: one that is open elsewhere would take over the call
    command = [
        str(browser), "--headless", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", "--no-first-run",
        "--no-pdf-header-footer", "--generate-pdf-document-outline", f"--print-to-pdf={out}", page.absolute().as_uri(),
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.insert(1, "--no-sandbox")  # as root Chromium starts in no other way; it only opens a page of ours
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OptbenchError(f"{browser} could not print {page}: {error}") from None
    if done.returncode or not out.is_file():
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise OptbenchError(visible(f"{browser} could not print {page} (exit status {done.returncode}): {said}"))
    return out


def pages_of(pdf: bytes) -> dict[str, int]:
    """{id of an element that is linked to: its page, from 1}, as Chromium's PDFs say it outside of compressed parts."""
    pages = [int(number) for number in re.findall(rb"\n(\d+) 0 obj\s*<</Type /Page\b", pdf)]
    places = re.findall(rb"/([\w.-]+) \[(\d+) 0 R /XYZ", pdf)
    return {name.decode(): pages.index(int(page)) + 1 for name, page in places if int(page) in pages}


def with_numbers(text: str, pages: Mapping[str, int]) -> str:
    """The page's text, whose contents say on which page each section begins."""
    contents = re.compile(r"<nav\b.*?</nav>", re.DOTALL)

    def numbered(link: re.Match[str]) -> str:
        number = pages.get(link[1])
        return link[0] if number is None else f'<a data-page="{number}" href="#{link[1]}">'

    return contents.sub(lambda nav: re.sub(r'<a href="#([^"]+)">', numbered, nav[0]), text, count=1)
