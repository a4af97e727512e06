"""A run in a few lines of Markdown: for the page of a job of CI, or the text of a pull request.

What names and messages hold is shown as it is written: no sign of theirs is Markdown's or HTML's.
"""

import re
from typing import Any

from optbench.report.terminal.changes import effect, rows_of, signed, unchanged, verdict
from optbench.report.terminal.lines import caution_lines, claim_lines
from optbench.report.words.changes import headline
from optbench.report.words.numbers import plain
from optbench.results.comparison import Comparison
from optbench.results.judging import ALL
from optbench.results.results import Results

#: signs that Markdown, or GitHub's, would take for its own: anywhere, and at the beginning of a line
SIGNS = re.compile(r"[\\<&`*_\[\]|~$@#]|^[-+=>]|(?<=^\d)[.)]")


def summary(results: Results, changes: Comparison | None = None) -> str:
    """Who is ahead of whom and which claims hold; then what changed, if that is asked; then what speaks against it.

    changes   of these results beside earlier ones: `optbench.results.comparison.compare`
    """
    parts = [f"## {escaped(results.suite.get('title') or results.folder.name)}"]
    told = [*results.verdict().sentences(), *claim_lines(results.claims())]
    parts += [listed(told)] if told else ["There is nothing to compare."]
    if changes is not None:
        parts += [f"### Beside {escaped(changes.before)}", f"{escaped(headline(changes))}.", *effects(changes)]
        parts += [listed(changes.notes)] if changes.notes else []
    cautions = caution_lines(results.cautions())
    if cautions:
        parts += ["### Cautions", listed(cautions)]
    return "\n\n".join(parts) + "\n"


def effects(changes: Comparison) -> list[str]:
    """A table, a row for all workloads of a candidate and for each that changed; nothing where none did."""
    rows = [row for row in rows_of(changes) if not unchanged(row)]
    if not rows:
        return []
    lines = ["| candidate | workload | steps × | final ± | verdict |", "|---|---|---:|---:|---|"]
    for row in rows:
        where = "all" if row["workload"] == ALL else row["workload"]
        steps, final = effect(row.get("steps"), same=False), signed(row.get("final"))
        cells = [row["candidate"], where, steps, final, verdict(row["words"])]
        lines.append(f"| {' | '.join(map(escaped, cells))} |")
    return ["\n".join(lines)]


def listed(lines: Any) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines)


def escaped(text: Any) -> str:
    """One line, with every sign as itself."""
    return SIGNS.sub(r"\\\g<0>", plain(text))
