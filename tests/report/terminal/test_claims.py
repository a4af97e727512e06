"""What the terminal shows of a lesson."""

from io import StringIO

import pandas as pd
from rich.console import Console

from optbench.report.terminal.claims import verdict_table

CLAIMS = pd.DataFrame(
    {
        "topic": ["Momentum", "Momentum", "Adam"],
        "statement": ["Momentum needs fewer steps than descent in a ravine " * 3, "[bold]B[/bold]", "C"],
        "verdict": ["supported", "refuted", "undecided"],
    }
)


def printed(table):
    console = Console(width=80, record=True, file=StringIO())
    console.print(table)
    return console.export_text()


def test_topics_once_and_every_claim_with_its_verdict():
    text = printed(verdict_table(CLAIMS, {}))
    assert text.count("Adam") == 1
    rows = [line.split() for line in text.splitlines() if line.strip()]
    words = [row[0] for row in rows if row[0] in ("supported", "refuted", "undecided")]
    assert words == ["supported", "refuted", "undecided"]
    assert "[bold]B[/bold]" in text
    assert "1 of 3 claims are supported" in text
    assert max(map(len, text.splitlines())) <= 80
