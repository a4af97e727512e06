"""What a notebook shows of results: sentence and picture, escaped, and errors without a page of lines."""

import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import pytest

import optbench
from optbench import OptbenchError, Results
from optbench.running import progress

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return optbench.run(
        "quick", "serial", tmp_path_factory.mktemp("run"), seeds=2, trials=1, candidates=["adam", "sgd"],
        workloads=["digits-mlp"], report=False,
    )  # fmt: skip


def test_results_are_a_sentence_a_picture_and_a_table(results):
    html = results._repr_html_()
    for part in (results.title, *results.verdict().sentences(), "data:image/png;base64,", "<td>adam</td>", "<summary>"):
        assert part in html
    assert "report.html" not in html, "there is none"
    (results.folder / "report.html").touch()
    assert "report.html" in results._repr_html_()


def test_a_verdict_is_its_sentences(results):
    html = results.verdict()._repr_html_()
    assert f"<b>{results.verdict().headline()}</b>" in html
    assert html.count("<li>") == len(results.verdict().sentences())


def test_a_comparison_says_what_changed(results):
    same = optbench.compare(results.folder, results.folder)
    assert "All paired trials have the same bits." in same._repr_html_()


def test_names_are_no_markup(results, monkeypatch):
    monkeypatch.setattr(Results, "title", "<script>alert(1)</script>")
    assert "<script>" not in results._repr_html_()


def test_plots_are_figures_that_show_themselves(results):
    assert "learning_curves" in dir(results.plot)
    assert "learning_curves" in repr(results.plot)
    figure = results.plot.learning_curves()
    assert isinstance(figure, matplotlib.figure.Figure)
    assert figure._repr_png_().startswith(PNG)
    with pytest.raises(OptbenchError, match="no picture 'learning_curve'; did you mean 'learning_curves'"):
        results.plot.learning_curve()


def test_errors_are_one_line():
    assert OptbenchError("there is no suite")._render_traceback_() == ["OptbenchError: there is no suite"]


def test_a_kernel_is_a_notebook_and_nothing_else_is(monkeypatch):
    assert type(progress.default_watcher()) is progress.Watcher
    shell = type("ZMQInteractiveShell", (), {})()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert progress.in_notebook()


def test_the_bar_of_a_cell(monkeypatch):
    shown = []
    handle = SimpleNamespace(update=shown.append)
    display = SimpleNamespace(HTML=str, display=lambda *_, display_id: handle)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=display))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    watcher = progress.NotebookWatcher()
    with watcher:
        watcher.expect(10)
        watcher.say("<b>reading</b>\x1b[31m")
    assert 'max="10"' in shown[-1]
    assert "&lt;b&gt;reading&lt;/b&gt;" in shown[-1]
    assert "\x1b" not in shown[-1]


@pytest.mark.slow
def test_the_tutorial_runs_in_a_kernel(tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    path = Path(__file__).parents[2] / "docs" / "tutorial.ipynb"
    notebook = nbformat.read(path, 4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "what it prints is not kept"
    nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    kinds = [set(output.get("data", {})) for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("text/html" in kind for kind in kinds) >= 3
    assert sum("image/png" in kind for kind in kinds) >= 1
