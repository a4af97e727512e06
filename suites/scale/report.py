"""The report of a very large store: `python suites/scale/report.py --trials 100000`.

Made-up trials of many candidates on many workloads, eight tuning trials to two fresh seeds, each with 21 measurements.
`optbench report` then runs in a new process: wall and processor time, its largest resident memory, the page's size.
With `--growth`, also for a tenth and a third of the trials: time must grow as they do.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from optbench.referee.synthetic import synthetic_store

CANDIDATES, WORKLOADS = 20, 10


def make(folder: Path, trials: int, candidates: int, workloads: int) -> Path:
    """A store of so many trials; one that is there already is used again."""
    each = max(5, trials // (candidates * workloads))
    path = folder / f"store-{trials}-{candidates}x{workloads}"
    if not path.exists():
        synthetic_store(path, candidates, workloads, seeds=max(1, each // 5), trials=each - max(1, each // 5))
    return path


def measure(folder: Path) -> dict[str, float]:
    """Of `optbench report` in a process of its own: seconds, processor seconds, megabytes."""
    before = time.perf_counter()
    with open(os.devnull, "wb") as nowhere:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "optbench.cli", "report", str(folder)],
            {**os.environ, "COLUMNS": "200"},
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)],
        )
        _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"optbench report {folder} failed with status {os.waitstatus_to_exitcode(status)}")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return {
        "seconds": time.perf_counter() - before,
        "processor": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / unit,
        "page": (folder / "report.html").stat().st_size / 2**20,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--candidates", type=int, default=CANDIDATES)
    parser.add_argument("--workloads", type=int, default=WORKLOADS)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--folder", type=Path, help="keep the stores there, and use those that are there")
    options = parser.parse_args()
    sizes = [options.trials // 10, options.trials // 3] if options.growth else []
    print(f"{'trials':>8} {'store MB':>9} {'seconds':>8} {'CPU s':>7} {'peak MB':>8} {'page MB':>8}")
    with tempfile.TemporaryDirectory() as temporary:
        for trials in [*sizes, options.trials]:
            folder = make(options.folder or Path(temporary), trials, options.candidates, options.workloads)
            found = measure(folder)
            size = (folder / "store.sqlite").stat().st_size / 2**20
            print(
                f"{trials:8} {size:9.1f} {found['seconds']:8.1f} {found['processor']:7.1f} "
                f"{found['memory']:8.0f} {found['page']:8.2f}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
