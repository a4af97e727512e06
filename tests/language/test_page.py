"""A lesson's page in Chinese, as a browser shows it; and the font that its figures are measured with."""

import logging
import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from optbench.language import speaking
from optbench.report.pictures import formats, wide
from optbench.report.pictures.style import drawing

from ..report.page.browser import chromium, opened
from .test_catalogues import catalogue


def test_without_a_font_letters_are_measured_as_wide_as_they_are_high(monkeypatch, caplog):
    monkeypatch.setattr(wide, "_known", lambda language: "")
    wide._family.cache_clear()
    try:
        with speaking("zh"), caplog.at_level(logging.WARNING, "matplotlib"):
            assert "no font here has the letters of 'zh'" in wide.unseen()
            with drawing():
                made = Figure()
                looks = [("学", "normal"), ("学习率", "normal"), ("学习率", "bold")]
                texts = [made.text(0.1, 0.5, text, size=10, weight=weight) for text, weight in looks]
                one, three, bold = (text.get_window_extent().width for text in texts)
                em = 10 * made.dpi / 72
            document = formats.svg(made)
        assert three == pytest.approx(3 * one, abs=2)
        assert bold == pytest.approx(three, abs=2)
        assert one == pytest.approx(em, abs=2)
        assert "学习率" in document
        assert not caplog.records
    finally:
        wide._family.cache_clear()
    assert wide.families() == []
    assert wide.unseen() == ""


@pytest.mark.browser
def test_a_page_in_chinese_has_no_english_of_the_catalogue_left(tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    command = ["lesson", "averages", "--seeds", "2", "--engine", "serial", "--out", str(tmp_path), "--language", "zh"]
    subprocess.run([sys.executable, "-m", "optbench.cli", *command], check=True, capture_output=True)
    (file,) = (tmp_path / "lessons").glob("*.html")
    left = [text for text, said in catalogue("zh").items() if said != text and len(text) > 25]
    with chromium() as browser, opened(browser, file) as page:
        assert page.evaluate("document.documentElement.lang") == "zh-Hans-CN"
        assert "平均与偏差修正" in page.inner_text("h1")
        page.evaluate("document.querySelectorAll('pre:not(.exercise)').forEach((suite) => suite.remove())")
        everything = page.evaluate("document.body.textContent")
        assert [text for text in left if text in everything] == []
        found = axe.Axe().run(page).response
        assert [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")] == []
