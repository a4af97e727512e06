"""The page of an explanation: its sentences, the waterfalls, what differs and every number."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.report.page.template import rendered
from optbench.report.pictures import formats, inline
from optbench.report.tables.table import Table, save
from optbench.report.tables.waterfall import step_table, waterfall_table
from optbench.results.explaining.explanation import Explanation

PAGE = "explain.html"
TITLES = {"steps": "How fast", "final": "How well"}


def write(found: Explanation, folder: Path, failed: Callable[[str], Any] | None = None) -> Path:
    """Write explain.html, which needs no other file and no network, and beside it explain.json, the waterfalls as
    SVG and the tables as CSV and LaTeX; returns the page's path.

    failed   is told where a picture could not be drawn, as the page is
    OptbenchError where a file cannot be written.
    """
    page = folder / PAGE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(found.to_dict(), allow_nan=False, indent=1, default=str)
        (folder / "explain.json").write_text(text, encoding="utf-8")
        for table in tables(found):
            save(table, folder)
        page.write_text(render(found, folder, failed), encoding="utf-8")
    except OSError as error:
        raise OptbenchError(f"cannot write {error.filename or page}: {error.strerror}") from error
    return page


def metrics(found: Explanation) -> list[str]:
    return [metric for metric in TITLES if (found.table["metric"] == metric).any()]


def tables(found: Explanation) -> list[Table]:
    """What the page shows as tables: what differs, then the steps of each metric."""
    steps = step_table(found.settings, found.steps, found.a, found.b)
    return [steps, *(waterfall_table(found.table, m, f"explain-{m}", TITLES[m]) for m in metrics(found))]


def render(found: Explanation, folder: Path, failed: Callable[[str], Any] | None = None) -> str:
    """The page's text; pictures go to the folder as well."""
    changed, *numbers = tables(found)
    parts = []
    for metric, table in zip(metrics(found), numbers, strict=True):
        described = f"{TITLES[metric]}: a waterfall from {found.a} to {found.b}, a row a step."
        drawing, problem = "", ""
        try:
            drawn = found.plot(metric)
            formats.freeze(drawn)
            document = formats.svg(drawn)
            (folder / f"waterfall-{metric}.svg").write_text(document, encoding="utf-8")
            drawing = inline.whole(drawn, document, f"waterfall-{metric}", described)
        except OSError:
            raise
        except Exception as error:  # what took hours to train must not lack a page for it
            problem = f"{type(error).__name__}: {error}"
            if failed is not None:
                failed(f"the waterfall of {metric} could not be drawn: {problem}")
        shown = {"title": TITLES[metric], "said": described, "drawing": drawing, "problem": problem}
        parts.append({**shown, "table": table})
    return rendered(
        "explained.html.j2",
        a=found.a,
        b=found.b,
        source=found.source,
        sentences=found.sentences(),
        notes=found.notes,
        parts=parts,
        changed=changed,
        both=len(found.orders) > 1,
    )
