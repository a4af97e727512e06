"""Opening pages in headless Chromium, watched: what they ask for, what they complain about."""

import shutil
from contextlib import contextmanager


@contextmanager
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        started = playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox"])
        yield started
        started.close()


@contextmanager
def opened(browser, file, width=1400, height=900, hash="", **settings):
    """A page of `file`; when left, it must neither have complained nor asked for anything else."""
    context = browser.new_context(viewport={"width": width, "height": height}, **settings)
    page = context.new_page()
    complaints, requests = [], []
    page.on("console", lambda m: complaints.append(m.text))
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("dialog", lambda d: (complaints.append(f"dialog: {d.message}"), d.dismiss()))
    page.on("request", lambda r: requests.append(r.url))
    page.goto(file.as_uri() + hash)
    yield page
    assert complaints == []
    assert {url.partition("#")[0] for url in requests} == {file.as_uri()}
    context.close()
