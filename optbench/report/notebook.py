"""Results in a notebook: the sentence, the picture, and what else is needed to read them."""

import base64
import io
from typing import Any

import matplotlib
import pandas as pd
from markupsafe import escape
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from optbench.report import frames
from optbench.report.page.run import verdict
from optbench.report.pictures.style import settings
from optbench.report.sections import context
from optbench.report.sections.first import cautions_of, first_picture
from optbench.report.terminal.leaderboard import board_columns
from optbench.report.words.numbers import plain
from optbench.results.comparison import Comparison
from optbench.results.explaining.explanation import Explanation
from optbench.results.results import Results
from optbench.statistics import Standing

#: pixels an inch of pictures, which are 8 inches wide: a notebook's column holds them
DPI = 96
#: columns of a comparison's table, as a notebook calls them
COMPARED = {"candidate": "candidate", "workload": "workload", "metric": "what", "effect": "change", "verdict": "is"}


def html(shown: Any) -> str | None:
    """HTML of an object of results; None for what is not known here."""
    if isinstance(shown, Results):
        return _results(shown)
    if isinstance(shown, Standing):
        return _standing(shown)
    if isinstance(shown, Explanation):
        return _explanation(shown)
    return _comparison(shown) if isinstance(shown, Comparison) else None


def png(figure: Figure) -> bytes:
    """The figure at a size that a notebook's column holds, on white."""
    buffer = io.BytesIO()
    with matplotlib.rc_context(settings()):
        figure.dpi = DPI
        FigureCanvasAgg(figure).print_png(buffer, pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


def _results(results: Results) -> str | None:
    if not len(results.trials):
        return None
    about = context(results)
    headline, sentences = verdict(about)
    parts = [f"<h4>{escape(plain(results.title))}</h4>", f"<p><b>{escape(headline)}</b></p>"]
    parts += [f"<p>{escape(text)}</p>" for text in sentences]
    picture = first_picture(about)
    if picture is not None:
        coded = base64.b64encode(png(picture.draw())).decode()
        parts.append(
            f'<img src="data:image/png;base64,{coded}" style="max-width:100%" alt="{escape(picture.description)}">'
        )
    if len(about.board):
        parts.append(_board(about.board))
    cautions = [row for group in cautions_of(results, {}) for row in group["rows"]]
    if cautions:
        rows = "".join(f"<li>{escape(str(where))}: {escape(str(message))}</li>" for where, message, _ in cautions)
        parts.append(f"<details><summary>{len(cautions)} cautions</summary><ul>{rows}</ul></details>")
    page = results.folder / "report.html"
    if page.is_file():
        parts.append(f'<p><a href="{escape(page.as_posix())}">{escape(page.as_posix())}</a></p>')
    return _framed(parts)


def _board(board: pd.DataFrame) -> str:
    """The columns that the terminal's table has."""
    columns = board_columns(board, True)
    rows = [
        [name, *(show(row) for _, show in columns)]
        for name, row in zip(map(plain, board.index), frames.records(board), strict=True)
    ]
    return _table(["candidate", *(heading for heading, _ in columns)], rows)


def _standing(standing: Standing) -> str | None:
    sentences = standing.sentences()
    if not sentences:
        return None
    items = "".join(f"<li>{escape(text)}</li>" for text in sentences)
    return _framed([f"<p><b>{escape(standing.headline())}</b></p>", f"<ul>{items}</ul>"])


def _comparison(comparison: Comparison) -> str:
    table = comparison.table
    words = ("faster", "slower", "better", "worse", "equal", "undecided")
    counted = ", ".join(f"{n} {word}" for word in words if (n := comparison.count(word)))
    said = "All paired trials have the same bits." if comparison.same else f"{counted or 'Nothing was compared'}."
    parts = [f"<p><b>{escape(comparison.after)} against {escape(comparison.before)}</b>: {escape(said)}</p>"]
    told = table[table["verdict"].isin(["faster", "slower", "better", "worse"])] if len(table) else table
    if len(told):
        columns = [name for name in COMPARED if name in told]
        rows = [[_cell(row[name]) for name in columns] for row in told.to_dict("records")]
        parts.append(_table([COMPARED[name] for name in columns], rows))
    parts += [f"<p>{escape(note)}</p>" for note in comparison.notes]
    return _framed(parts)


def _explanation(explanation: Explanation) -> str:
    parts = [f"<p>{escape(sentence)}</p>" for sentence in (*explanation.sentences(), *explanation.notes)]
    for metric in dict.fromkeys(explanation.table["metric"]):
        coded = base64.b64encode(png(explanation.plot(metric))).decode()
        said = f"{metric}: from {explanation.a} to {explanation.b}"
        parts.append(f'<img src="data:image/png;base64,{coded}" style="max-width:100%" alt="{escape(said)}">')
    return _framed(parts)


def _cell(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _framed(parts: list[str]) -> str:
    return f'<div class="optbench">{"".join(parts)}</div>'
