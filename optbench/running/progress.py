"""What a person sees while trials run: a live line in a terminal, plain lines elsewhere."""

import sys
import time
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from optbench.contract.text import visible
from optbench.trials.trial import FINISHED, Assignment, Run, Trial

if TYPE_CHECKING:
    from optbench.running.estimate import Estimate

#: Seconds between two plain lines, and between two looks of the live one.
PLAIN_EVERY, LIVE_EVERY = 5.0, 0.1
#: what was said last stays in a notebook's cell
NOTEBOOK_LINES = 12


class Watcher:
    """Counts what a run tells it. Subclasses show it; this one is silent.

    What is expected, known, kept and served are assignments: a trial that two candidates share counts twice, as it does
    in the plan. `outcomes`, and with them `done` and `failed`, are of the trials themselves.
    """

    def __init__(self, expected: int = 0):
        self.expected = expected
        self.known = 0
        self.kept = 0
        self.served = 0
        self.outcomes: Counter[str] = Counter()
        self.estimate: Estimate | None = None
        self.workers = 1
        #: what a run that adds seeds until all is decided has not decided yet
        self.still_open = ""
        self.started = time.monotonic()

    @property
    def done(self) -> int:
        """Trials run now; kept ones are not among them."""
        return self.outcomes.total()

    @property
    def failed(self) -> int:
        return self.done - sum(self.outcomes[name] for name in FINISHED)

    @property
    def total(self) -> int:
        return max(self.expected, self.known)

    @property
    def per_second(self) -> float:
        return self.done / max(time.monotonic() - self.started, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        """Of training; None as long as there is nothing to tell it from. See `optbench.running.estimate`."""
        if self.estimate is not None:
            return self.estimate.seconds_left(self.workers)
        if self.done < 3:
            return None
        return (self.total - self.kept - self.served) / self.per_second

    def expect(self, trials: int, estimate: "Estimate | None" = None, workers: int = 1) -> None:
        """So many trials belong to the run, at most; `estimate` knows what they cost."""
        self.expected, self.estimate, self.workers = trials, estimate, workers
        self.show()

    def more(self, trials: int, work: "Mapping[tuple[str, str], float]") -> None:
        """So many trials are added to those that are expected, and so much work of each workload and candidate."""
        self.expected += trials
        if self.estimate is not None:
            self.estimate.more(work)
        self.show()

    def opened(self, text: str) -> None:
        """What is still open after a look at the seeds so far; empty: nothing is."""
        self.still_open = text
        self.show()

    def planned(
        self, assignments: Sequence[Assignment], kept: Container[str], shared: Container[str] = frozenset()
    ) -> None:
        """More trials are known to belong to the run; those with keys in `kept` were finished before it began.

        shared   keys of those that it has finished itself, for others
        """
        before = [a for a in assignments if a.trial.key in kept]
        served = [a for a in assignments if a.trial.key in shared]
        self.known += len(assignments)
        self.kept += len(before)
        self.served += len(served)
        if self.estimate is not None:
            for a in (*before, *served):
                self.estimate.finished((a.workload, a.candidate), a.trial.workload)
        self.show()

    def settled(self, parts: Sequence[tuple[Assignment, ...]], submitted: float) -> None:
        """Trials came back from a worker together, each with what it is for; handed over at this perf_counter."""
        if self.estimate is not None:
            self.estimate.settled([p[0] for p in parts if p], submitted, self.workers, time.perf_counter())

    def finished(self, trial: Trial, run: Run, purposes: Sequence[Assignment] = ()) -> None:
        """A trial is in the store; `purposes` is what it is for."""
        self.outcomes[run.outcome] += 1
        self.served += max(len(purposes), 1)
        if self.estimate is not None:
            for a in purposes:
                self.estimate.finished((a.workload, a.candidate), trial.workload)
        self.show()

    def stage(self, text: str) -> None:
        """What is done now, besides training."""
        self.say(text)

    def tick(self) -> None:
        """Called now and then while nothing finishes."""
        self.show()

    def say(self, text: str) -> None:
        """A line of its own."""

    def show(self) -> None:
        """Show where the run stands."""

    def line(self) -> str:
        parts = [f"{self.kept + self.served}/{self.total} trials"]
        if self.kept:
            parts.append(f"{self.kept} kept")
        parts.append(f"{self.failed} failed")
        parts.append(f"{self.per_second:.1f} trials/s")
        left = self.seconds_left
        if left is not None:
            parts.append(f"{clock(left)} left")
        if self.still_open:
            parts.append(self.still_open)
        return ", ".join(parts)

    def __enter__(self) -> Self:
        self.started = time.monotonic()
        return self

    def __exit__(self, *exception: object) -> None:
        pass


class PlainWatcher(Watcher):
    """A line every few seconds: for logs and pipes."""

    def __init__(self, expected: int = 0, write: Any = print):
        super().__init__(expected)
        self.write = write
        self.last = time.monotonic()

    def say(self, text: str) -> None:
        with suppress(OSError):  # nobody reads it any more: no reason for a run to end
            self.write(visible(text, keep="\n"))

    def show(self) -> None:
        if time.monotonic() - self.last >= PLAIN_EVERY:
            self.last = time.monotonic()
            self.say(self.line())

    def __exit__(self, *exception: object) -> None:
        self.say(self.line())


class LiveWatcher(Watcher):
    """A bar with counts, rate and time left, redrawn in place."""

    def __init__(self, expected: int = 0, console: Any = None):
        from rich.progress import BarColumn, Progress, TextColumn

        super().__init__(expected)
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[text]}"),
            console=console,
        )
        self.task = self.progress.add_task("training", total=None, text="")
        self.last = 0.0

    def say(self, text: str) -> None:
        self.progress.console.print(visible(text, keep="\n"), highlight=False, markup=False)

    def show(self, now: bool = False) -> None:
        if not now and time.monotonic() - self.last < LIVE_EVERY:  # of thousands of trials a second
            return
        self.last = time.monotonic()
        self.progress.update(
            self.task, total=self.total or None, completed=self.kept + self.served, text=self.line()
        )

    def __enter__(self) -> Self:
        self.progress.start()
        return super().__enter__()

    def __exit__(self, *exception: object) -> None:
        self.show(now=True)
        self.progress.stop()


class NotebookWatcher(Watcher):
    """A bar in a notebook's cell, redrawn in place, with what is said above it."""

    def __init__(self, expected: int = 0):
        display: Any = import_module("IPython.display")
        super().__init__(expected)
        self.html, self.last = display.HTML, 0.0
        self.texts: list[str] = []
        self.handle: Any = display.display(display.HTML(""), display_id=True)

    def say(self, text: str) -> None:
        self.texts = [*self.texts, text][-NOTEBOOK_LINES:]
        self.show(now=True)

    def show(self, now: bool = False) -> None:
        if not now and time.monotonic() - self.last < LIVE_EVERY:
            return
        self.last = time.monotonic()
        said = "<br>".join(escape(visible(text)) for text in self.texts)
        bar = f'<progress value="{self.kept + self.served}" max="{max(self.total, 1)}"></progress>'
        self.handle.update(self.html(f"{said}<br>{bar} {escape(self.line())}"))

    def __exit__(self, *exception: object) -> None:
        self.show(now=True)


def default_watcher() -> Watcher:
    """Who watches where nobody is named: in a notebook its cell, else nobody."""
    return NotebookWatcher() if in_notebook() else Watcher()


def in_notebook() -> bool:
    """Whether this process is a notebook's kernel."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def clock(seconds: float) -> str:
    """Seconds as people say them: 8 s, 2:05 min, 1:02 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"
