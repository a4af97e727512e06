"""docs/lessons: a notebook a topic of `fundamentals`, made of the suite's texts, and each runs."""

import importlib
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "suites"))
made = importlib.import_module("lessons.notebooks")
sys.path.remove(str(ROOT / "suites"))
FILES = sorted(made.NOTEBOOKS.glob("*.ipynb"))


def test_they_are_as_the_topics_and_examples_say():
    texts = made.notebooks()
    assert made.stale(texts) == [], "python suites/lessons/notebooks.py makes them anew"
    assert list(texts) != []
    path, text = next(iter(texts.items()))
    assert made.stale({**texts, path: text + " "}) == [f"{path.name}: stale"]
    assert made.stale({**texts, path.with_name("new.ipynb"): text}) == ["new.ipynb: missing"]
    assert made.stale({other: text for other, text in texts.items() if other != path}) == [
        f"{path.name}: of no topic", f"examples/{path.stem}.py: of no topic",
    ]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_is_short_and_asks_the_public_names_alone(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    lines = [line for line in code[0].splitlines() if line.strip() and not line.startswith(("import ", "from "))]
    assert 5 <= len(lines) <= 20
    assert "plt.show()" in lines
    assert "optbench." not in code[0].replace("from optbench import", "")
    assert all(cell.get("outputs", []) == [] for cell in cells)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_runs_in_a_kernel_and_draws(path, tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(path, 4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 1
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
