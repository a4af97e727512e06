"""Tables as files: LaTeX that compiles whatever names are, CSV with all digits."""

import pandas as pd

from optbench.report.tables.table import Cell, Column, Row, Table, latex, save

NAMES = [r"50%_a&b $x$ #1 {c} ~d ^e \f", "× ∞ − … ≥"]
TABLE = Table(
    "board",
    "What 100 % of_it says",
    [Column("candidate", "Candidate", number=False), Column("score", "Score ×")],
    [Row([Cell(name), Cell("0.5", 0.5)]) for name in NAMES],
    pd.DataFrame({"candidate": NAMES, "score": [1 / 3, 0.5]}),
)


def test_latex_escapes_whatever_stands_in_a_cell():
    text = latex(TABLE)
    assert r"50\%\_a\&b \$x\$ \#1 \{c\} \textasciitilde d \textasciicircum e \textbackslash f" in text
    assert r"$\times$ $\infty$ $-$ \ldots{} $\geq$" in text
    assert r"\caption{What 100 \% of\_it says}" in text
    assert r"\begin{tabular}{lr}" in text
    assert r"Score $\times$" in text
    assert text.isascii()


def test_files_are_named_after_the_table_and_csv_keeps_all_digits(tmp_path):
    assert [(kind, path.name) for kind, path in save(TABLE, tmp_path)] == [
        ("CSV", "board.csv"),
        ("LaTeX", "board.tex"),
    ]
    back = pd.read_csv(tmp_path / "board.csv")
    assert list(back["candidate"]) == NAMES
    assert back["score"][0] == 1 / 3


def test_cells_sort_by_value_and_those_without_one_have_none():
    assert [Cell("", v).order for v in (1.5, float("inf"), float("nan"), None)] == ["1.5", "Infinity", "", ""]
