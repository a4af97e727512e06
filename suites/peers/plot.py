"""The comparison as a picture: a ratio with its quartiles a row, and a line at its reach."""

import textwrap
from pathlib import Path
from typing import Any

REACHED, MISSED = "#0072b2", "#d55e00"


def draw(result: dict[str, Any], file: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import seaborn as sns
    from matplotlib.lines import Line2D

    # What stayed at or below 0 has no place on a logarithmic axis: the trainer's share, within noise.
    records = [r for r in result["rows"] if r.get("value", 0) > 0]
    sns.set_theme(style="whitegrid")
    figure, axes = plt.subplots(figsize=(9, 1.2 + 0.55 * len(records)), layout="constrained")
    axes.set_xscale("log")
    for place, record in enumerate(records):
        colour = REACHED if record["status"] == "reached" else MISSED
        value, low, high = record["value"], record["low"], record["high"]
        axes.plot([max(low, value / 20), max(high, value)], [place, place], color=colour, linewidth=3, alpha=0.4)
        axes.plot(value, place, "o" if colour == REACHED else "D", color=colour)
        axes.plot([record["reach"]] * 2, [place - 0.35, place + 0.35], color="black", linewidth=1.5)
        side = ">" if record["at_least"] else "<"
        axes.plot(record["reach"], place, side, color="black", markersize=4)
        axes.annotate(f"{value:.2f}", (value, place), (0, 6), textcoords="offset points", ha="center", fontsize=8)
    labels = [f"{textwrap.fill(r['work'], 48)}\nagainst {r['against']}" for r in records]
    axes.set_yticks(range(len(records)), labels, fontsize=8)
    axes.invert_yaxis()
    axes.axvline(1, color="grey", linewidth=0.8)
    axes.set_xlabel("ours / theirs (median; quartiles of the rounds)")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_title(f"{result['date']}, {result['machine']['processor']}, one thread each", fontsize=9)
    handles = [
        Line2D([], [], marker="o", color=REACHED, label="reached"),
        Line2D([], [], marker="D", color=MISSED, label="not reached"),
        Line2D([], [], marker="<", color="black", label="reach, and its good side"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8)
    figure.savefig(file, dpi=150)
    plt.close(figure)
