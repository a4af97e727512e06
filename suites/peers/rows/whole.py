"""A whole run of `quick` and reports of many trials: what a user waits for, and what share of it is training.

All are commands in processes of their own. The report's share is processor time: of `optbench report`, by what the run
with its page took beyond that. The share of training steps is that of `shares.py`, in one process, without a report.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from peers.rows.base import Family, Row, Samples

#: trials of a made-up store -> seconds that its report may take
REPORTS = {10_000: 6.0, 100_000: 12.0}
PAGE = 20.0
SHARES = Path(__file__).resolve().parents[1] / "shares.py"


def command(*words: str) -> tuple[float, float, str]:
    """(seconds, processor seconds, what it printed) of a Python process and those that it started."""
    start, before = perf_counter(), os.times()
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, *words], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed: {done.stderr.strip()[-500:]}")
    after = os.times()
    taken = after.children_user + after.children_system - before.children_user - before.children_system
    return perf_counter() - start, taken, done.stdout


def number_in(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"{SHARES.name} no longer says {pattern}")
    return float(found[1])


class Whole(Family):
    """Rounds of everything, one thing after the other: the parts of a run share it."""

    def measure(self, names: list[str], rounds: int) -> tuple[Samples, dict[str, str]]:
        from optbench.referee.synthetic import synthetic_store

        samples: Samples = {}

        def note(name: str, value: float) -> None:
            samples.setdefault(name, []).append(value)

        with tempfile.TemporaryDirectory() as folder:
            stores = {n: Path(folder) / str(n) for n in REPORTS}
            for trials, store in stores.items():
                each = trials // 200
                synthetic_store(store, 20, 10, seeds=each // 5, trials=each - each // 5)
            for number in range(min(rounds, self.rounds)):
                run = str(Path(folder) / f"quick-{number}")
                seconds, whole, _ = command("-m", "optbench.cli", "run", "quick", "--out", run)
                _, report, _ = command("-m", "optbench.cli", "report", run)
                _, _, told = command(str(SHARES), "quick")
                note("whole", number_in(r"of ([\d.]+) s of processor time", told))
                note("steps", number_in(r"training steps \| [\d.]+% \| ([\d.]+)", told))
                note("page", seconds)
                note("report", report)
                note("run", whole - report)
                note(f"{PAGE:g} s", PAGE)
                for trials, store in stores.items():
                    note(f"report of {trials}", command("-m", "optbench.cli", "report", str(store))[0])
                    note(f"{REPORTS[trials]:g} s", REPORTS[trials])
        return samples, {}


FAMILY = Whole(
    rows=(
        Row("`optbench run quick`, from command to page", f"{PAGE:g} s", 1.0, over="page", under=f"{PAGE:g} s"),
        Row("report of `quick`, processor time", "its run", 0.07, over="report", under="run"),
        Row("training steps of `quick`, processor time", "the run", 0.75, over="steps", under="whole", at_least=True),
        *(
            Row(f"report of {n:,} trials, 20 x 10", f"{s:g} s", 1.0, over=f"report of {n}", under=f"{s:g} s")
            for n, s in REPORTS.items()
        ),
    ),
    makers={},
    given=(
        *("page", "report", "run", "steps", "whole", f"{PAGE:g} s"),
        *(name for n, s in REPORTS.items() for name in (f"report of {n}", f"{s:g} s")),
    ),
    unit="run",
    rounds=3,
    pinned=False,
)
