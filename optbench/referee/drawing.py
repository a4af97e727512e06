"""The figure: what equals, intervals and a known speed-up say of the referee."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: as on the page: colours that readers with any colour vision tell apart (Okabe and Ito 2008)
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F")


def draw(frame: "pd.DataFrame", path: Path) -> None:
    """Three panels as PNG: false findings, coverage, power."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from optbench.report.pictures.style import defaults

    with matplotlib.rc_context(defaults()):
        figure = Figure(figsize=(14, 5.6), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, 3)
        _false(axes[0], frame[frame["part"].isin(["A/A", "A/A, looks"])])
        _coverage(axes[1], frame[frame["part"] == "interval"])
        _power(axes[2], frame[frame["part"] == "power"])
        for ax in axes:
            ax.spines[["top", "right"]].set_visible(False)
            ax.grid(alpha=0.25, lw=0.6)
        figure.savefig(path, dpi=110)


def _false(ax: "Axes", frame: "pd.DataFrame") -> None:
    looked = frame["part"] != "A/A"
    # a workload's two questions together; their mean has half of each one's variance
    frame = frame.assign(what=frame["what"].where(~looked, frame["what"] + ", looks"), error=frame["error"] ** 2 / 4)
    by = ["what", "world", "seeds"]
    frame = frame.groupby(by, sort=False, as_index=False).agg({"value": "mean", "error": "sum"})
    frame["error"] **= 0.5
    names = list(dict.fromkeys(frame["what"]))
    seeds = sorted(frame["seeds"].unique())
    for i, name in enumerate(names):
        rows = frame[frame["what"] == name]
        for world, marker in zip(dict.fromkeys(rows["world"]), "os", strict=False):
            some = rows[rows["world"] == world].sort_values("seeds")
            # the fewest seeds on top
            y = [len(names) - 1 - i - 0.14 * (seeds.index(n) - (len(seeds) - 1) / 2) for n in some["seeds"]]
            label = world if i == 0 else None
            ax.errorbar(
                100 * some["value"], y, xerr=196 * some["error"], fmt=marker, ms=4, lw=0.8,
                color=COLORS[0 if marker == "o" else 1], label=label,
            )  # fmt: skip
    ax.axvline(5, color="black", lw=1, ls="--")
    ax.set_yticks(range(len(names)), names[::-1])
    ax.set_xlim(left=0)
    ax.set_xlabel("differences found among equals, %")
    ax.set_title("One optimizer under several names: at most 5 %", loc="left", fontsize=10)
    ax.legend(title="results", frameon=False, fontsize=8, loc="lower right")


def _coverage(ax: "Axes", frame: "pd.DataFrame") -> None:
    ax.axhspan(94, 96, color="0.85", lw=0)
    ax.axhline(95, color="black", lw=0.8)
    for i, quantity in enumerate(dict.fromkeys(frame["what"])):
        rows = frame[frame["what"] == quantity]
        for printed, style in ((True, "-"), (False, ":")):
            some = rows[rows["printed"] == printed].groupby("seeds")["value"].mean()
            if len(some):
                label = quantity if printed else None
                ax.plot(some.index, 100 * some, style, marker="o", ms=4, color=COLORS[i % len(COLORS)], label=label)
    ax.set_xticks(sorted(frame["seeds"].unique()))
    ax.set_xlabel("seeds")
    ax.set_ylabel("intervals that hold the truth, %")
    ax.set_ylim(top=100)
    ax.set_title("95 % intervals (dotted: percentile bootstrap)", loc="left", fontsize=10)
    ax.legend(
        frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(0.0, 0.56), ncols=2, columnspacing=1,
        handlelength=1.6,
    )  # fmt: skip


def _power(ax: "Axes", frame: "pd.DataFrame") -> None:
    ax.axhline(80, color="0.6", lw=0.8)
    for i, name in enumerate(dict.fromkeys(frame["what"])):
        for method, style in zip(dict.fromkeys(frame["method"]), (":", "-"), strict=False):
            some = frame[(frame["what"] == name) & (frame["method"] == method)].sort_values("seeds")
            label = name if style == "-" else None
            ax.plot(some["seeds"], 100 * some["value"], style, marker="o", ms=3, color=COLORS[i], label=label)
    ax.set_xscale("log")
    ticks = sorted(frame["seeds"].unique())
    ax.set_xticks(ticks, [str(n) for n in ticks])
    ax.minorticks_off()
    ax.set_ylim(0, 102)
    ax.set_xlabel("seeds")
    ax.set_ylabel("found, %")
    ax.set_title("A speed-up of 10 % (dotted: seeds not paired)", loc="left", fontsize=10)
    ax.legend(frameon=False, fontsize=8)
