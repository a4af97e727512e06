"""The page of 20 candidates on 20 workloads."""

import pytest

from optbench.referee.synthetic import synthetic_store
from optbench.report import write
from optbench.report.pictures import formats
from optbench.results.results import Results


@pytest.mark.slow
def test_twenty_candidates_on_twenty_workloads_make_a_page_below_5_mb(tmp_path, monkeypatch):
    # the page does not hold these files, and they take as long as the rest
    monkeypatch.setattr(formats, "save_png", lambda *of: None)
    monkeypatch.setattr(formats, "save_pdf", lambda *of: None)
    path = synthetic_store(tmp_path, 20, 20, seeds=5, trials=16)
    text = write(Results(path), tmp_path).read_text(encoding="utf-8")
    assert "could not be drawn" not in text
    assert text.count('class="panel"') > 20 * 7
    assert len(text.encode()) < 5_000_000
