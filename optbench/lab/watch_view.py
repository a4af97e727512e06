"""A watched training in the terminal: four small charts that grow; a line an evaluation where there is no terminal."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Self

from optbench.contract.context import Measurement
from optbench.lab.watch import Session

#: rows and columns that the charts take at most; below the least ones there is only the line
MOST, LEAST = (28, 130), (16, 72)
#: redraw at most so often, in seconds, and for at most this share of the time
EVERY, SHARE = 0.2, 0.1
#: of the 256 colours, those that are legible on black and on white
BLUE, ORANGE, GREEN, PURPLE, GREY = 33, 166, 29, 133, 244
NOTICE = "stopping at the next evaluation; Ctrl-C again stops at once"


class Panel(NamedTuple):
    """A chart: its series are (field of a measurement, name, colour)."""

    title: str
    series: Sequence[tuple[str, str, int]]
    log: bool


def panels(history: Sequence[Measurement], metric: str) -> list[Panel]:
    """The charts that have something to show: an analytic function has no metric and no validation."""
    found = [
        Panel("loss", [("train_loss", "train", BLUE), ("validation_loss", "validation", ORANGE)], True),
        Panel(metric, [("train_metric", "train", BLUE), ("validation_metric", "validation", ORANGE)], False),
        Panel("rate", [("rate", "", GREEN)], True),
        Panel("gradient norm", [("gradient_norm", "", PURPLE)], True),
    ]
    # Before the first step there is no gradient yet: its place is kept, so that nothing jumps.
    return [p for p in found if p.log or any(points(history, f, p.log) for f, _, _ in p.series)]


def points(history: Sequence[Measurement], field: str, log: bool) -> list[tuple[int, float]]:
    """(step, value) of one field where it can be drawn, at most some 150 of them."""
    thin = history[:: max(1, len(history) // 150)]
    if thin and thin[-1] is not history[-1]:
        thin = [*thin, history[-1]]
    found = [(m.step, getattr(m, field)) for m in thin]
    return [(x, y) for x, y in found if math.isfinite(y) and (y > 0 or not log)]


def line(measurement: Measurement, metric: str) -> str:
    """One evaluation in words."""
    parts = [f"step {measurement.step}", f"epoch {measurement.epoch:.1f}", f"train loss {measurement.train_loss:.4g}"]
    if math.isnan(measurement.train_metric):
        parts = [f"step {measurement.step}", f"loss {measurement.train_loss:.4g}"]
    if not math.isnan(measurement.validation_loss):
        parts.append(f"validation loss {measurement.validation_loss:.4g}")
        parts.append(f"validation {metric} {measurement.validation_metric:.4f}")
    parts.append(f"rate {measurement.rate:.3g}")
    if not math.isnan(measurement.gradient_norm):
        parts.append(f"gradient norm {measurement.gradient_norm:.3g}")
    return ", ".join(parts)


def charts(
    history: Sequence[Measurement],
    changes: Sequence[dict[str, Any]],
    metric: str,
    width: int,
    height: int,
    steps: int,
) -> str:
    """Losses, metric, rate and gradient norm against steps, as text with colours; a line where a setting changed.

    width, height   columns and rows to fill
    steps           of the whole budget: the end of each axis, so that one sees how much is left
    """
    import plotext  # type: ignore[import-untyped]

    shown = panels(history, metric)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, height)
    rows = -(-len(shown) // 2)
    figure.subplots(rows, 2)
    figure.theme("colorless")  # the terminal's own ink and paper; only charts that are there already get it
    for number, panel in enumerate(shown):
        chart = figure.subplot(1 + number // 2, 1 + number % 2)
        title: Any = plotext.colorize(panel.title, plotext.pixel(None, None, "bold"))
        found: list[Sequence[tuple[float, float]]] = [points(history, field, panel.log) for field, _, _ in panel.series]
        if panel.log:
            found = [[(x, math.log10(y)) for x, y in values] for values in found]
        low, high = axes(chart, [y for values in found for _, y in values], panel.log, steps, height // rows)
        drawn: list[tuple[Sequence[tuple[float, float]], str, int]] = [
            ([(change["step"], low), (change["step"], high)], "┊", GREY) for change in changes
        ]
        for values, (_, name, color) in zip(found, panel.series, strict=True):
            drawn.append((values, "hd", color))
            if name and values:
                title = title + plotext.colorize(f"  ── {name}", plotext.pixel(color))
        for values, symbol, color in drawn:
            if values:
                xs, ys = zip(*values, strict=True)
                signal = chart.signal(list(xs), list(ys), marker=plotext.marker(symbol, plotext.pixel(color)))
                signal.lines()
                chart.draw(signal)
        chart.title(title)
    return str(figure.build().string())


def axes(chart: Any, values: Sequence[float], log: bool, steps: int, height: int) -> tuple[float, float]:
    """Set limits and round ticks of one chart; `values` are logarithms where `log`. Returns (low, high)."""
    across = round_values(0, steps, 4)
    chart.ruler("x").lim(0, steps)
    chart.ruler("x").ticks(across, [f"{x:g}" for x in across])
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    margin = 0.05 * (high - low) or 0.1
    low, high = low - margin, high + margin
    chart.ruler("y").lim(low, high)
    ticks = list(log_values(low, high)) if log else round_values(low, high, max(2, height // 4))
    chart.ruler("y").ticks(ticks, [f"{10**y:.3g}" if log else f"{y:.6g}" for y in ticks])
    return low, high


def round_values(low: float, high: float, count: int) -> list[float]:
    """About `count` round numbers within [low, high]: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough * 0.8)
    return [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def log_values(low: float, high: float) -> Iterator[float]:
    """Ticks between two decimal logarithms: powers of ten, with 2 and 5 of each where those are few."""
    if high - low < 0.5:
        yield from (math.log10(v) for v in round_values(10**low, 10**high, 2) if v > 0)
        return
    digits = (1, 2, 5) if high - low < 1.5 else (1,)
    for power in range(math.floor(low), math.ceil(high) + 1, max(1, int(high - low) // 4)):
        yield from (y for y in (power + math.log10(d) for d in digits) if low <= y <= high)


class Lines:
    """A line an evaluation: for logs and pipes."""

    def __init__(self, metric: str, write: Callable[[str], Any]):
        self.metric, self.write, self.shown = metric, write, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def __call__(self, session: Session) -> None:
        for measurement in session.history[self.shown :]:
            self.write(line(measurement, self.metric))
        self.shown = len(session.history)

    def stopping(self) -> None:
        self.write(NOTICE)


class Screen:
    """The charts, redrawn in place by rich."""

    def __init__(self, metric: str, console: Any = None):
        from rich.console import Console
        from rich.live import Live

        self.metric = metric
        self.console = console or Console()
        self.live = Live(console=self.console, auto_refresh=False)
        self.next = 0.0
        self.drawing = self.stops = False

    def __enter__(self) -> Self:
        self.live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.live.stop()

    def __call__(self, session: Session) -> None:
        steps = session.training.budget.steps
        over = self.stops or session.run is not None or session.training.number >= steps
        if not session.history or (not over and time.monotonic() < self.next):
            return
        self.drawing, start = True, time.monotonic()
        self.live.update(self.picture(session, steps), refresh=True)
        self.drawing = False
        now = time.monotonic()
        self.next = now + max(EVERY, (now - start) / SHARE)
        if self.stops and not over:
            self.console.print(NOTICE)

    def picture(self, session: Session, steps: int) -> Any:
        """Charts as large as the terminal allows, and the latest evaluation in words below, in two lines at most."""
        from rich.console import Group
        from rich.text import Text

        last = Text(line(session.history[-1], self.metric))
        height, width = min(self.console.height - 4, MOST[0]), min(self.console.width - 1, MOST[1])
        if height < LEAST[0] or width < LEAST[1]:
            return last
        drawn = charts(session.history, session.changes, self.metric, width, height, steps)
        return Group(Text.from_ansi(drawn.rstrip("\n"), no_wrap=True, overflow="crop"), last)

    def stopping(self) -> None:
        """Said above the charts, which stay where they are; in the midst of drawing, after it."""
        self.stops = True
        if not self.drawing:
            self.console.print(NOTICE)
