"""What changed between two runs, in a sentence and in short texts."""

from typing import Any

from optbench.results.comparison import Comparison


def headline(found: Comparison) -> str:
    """The result in a sentence."""
    if found.same:
        total = int(found.bits["trials"].sum())
        return f"the same bits: all {total} paired trials"
    counts = {word: found.count(word) for word in ("slower", "worse", "faster", "better", "equal", "undecided")}
    words = [f"{count} {word}" for word, count in counts.items() if count]
    same, total = int(found.bits["same"].sum()), int(found.bits["trials"].sum())
    return f"{', '.join(words) or 'nothing to judge'}; {same} of {total} paired trials have the same bits"


def short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 30 else text[:29] + "…"
