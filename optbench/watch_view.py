"""A watched training in the terminal: four small charts that grow, or a line an evaluation where there is no terminal."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Self

from optbench.components import Measurement
from optbench.watch import Session

#: rows and columns that the charts may take
HEIGHT, WIDTH = 22, 110
#: redraw at most so often, in seconds
EVERY = 0.1


def line(measurement: Measurement, metric: str) -> str:
    """One evaluation in words."""
    parts = [f"step {measurement.step}", f"epoch {measurement.epoch:.1f}", f"train loss {measurement.train_loss:.4g}"]
    if not math.isnan(measurement.validation_loss):
        parts.append(f"validation loss {measurement.validation_loss:.4g}")
        parts.append(f"validation {metric} {measurement.validation_metric:.4f}")
    parts.append(f"rate {measurement.rate:.3g}")
    if not math.isnan(measurement.gradient_norm):
        parts.append(f"gradient norm {measurement.gradient_norm:.3g}")
    return ", ".join(parts)


def charts(history: Sequence[Measurement], changes: Sequence[dict[str, Any]], metric: str, width: int) -> str:
    """Losses, metric, rate and gradient norm against steps, as text with colours; a line where a setting changed."""
    import plotext

    figure = plotext.figure
    figure.clear()
    figure.theme("simple")
    figure.plot_size(min(width, WIDTH), HEIGHT)
    figure.subplots(2, 2)
    panels: list[tuple[str, list[tuple[str, str | None]], bool]] = [
        ("log10 loss", [("train_loss", "train"), ("validation_loss", "validation")], True),
        (metric, [("train_metric", "train"), ("validation_metric", "validation")], False),
        ("rate", [("rate", None)], False),
        ("log10 gradient norm", [("gradient_norm", None)], True),
    ]
    for number, (title, series, log) in enumerate(panels):
        panel = figure.subplot(1 + number // 2, 1 + number % 2)
        panel.title(title)
        for field, label in series:
            points = [(m.step, getattr(m, field)) for m in history]
            points = [(x, y) for x, y in points if math.isfinite(y) and (y > 0 or not log)]
            if points:
                xs, ys = zip(*points, strict=True)
                signal = panel.signal(list(xs), [math.log10(y) for y in ys] if log else list(ys))
                signal.lines()
                if label:
                    signal.label(label)
                panel.draw(signal)
        for change in changes:
            panel.line(change["step"], "vertical")
    return str(figure.build().string())


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


class Screen:
    """The charts, redrawn in place by rich."""

    def __init__(self, metric: str):
        from rich.console import Console
        from rich.live import Live

        self.metric = metric
        self.console = Console()
        self.live = Live(console=self.console, refresh_per_second=1 / EVERY, auto_refresh=False)
        self.last = 0.0

    def __enter__(self) -> Self:
        self.live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.live.stop()

    def __call__(self, session: Session) -> None:
        import time

        from rich.console import Group
        from rich.text import Text

        over = session.row.outcome is not None or session.training.number >= session.training.budget.steps
        if not over and time.monotonic() - self.last < EVERY:
            return
        self.last = time.monotonic()
        drawn = charts(session.history, session.changes, self.metric, self.console.width)
        last = Text(line(session.history[-1], self.metric))
        self.live.update(Group(Text.from_ansi(drawn), last), refresh=True)
