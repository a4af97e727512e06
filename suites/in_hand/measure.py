"""Lines and seconds from each thing in hand to a verdict: `python suites/in_hand/measure.py [--rounds 3] [--write]`.

Each program of docs/in-hand.md runs in a new folder and a new process, all of them in turn, round by round; seconds of
the clock and of processor time (which other work on the machine changes less) are medians. `--write` puts the table,
the date and the machine into the page. Rows whose library is not installed keep what the page has.
"""

import argparse
import datetime
import importlib.util
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from in_hand.page import BRIDGED, PAGE, ROOT, SOURCES, Row, laid_out, plugin, rows, table


def ran(row: Row) -> tuple[float, float, str]:
    """Seconds of one program from start to end, its processor time, and what it said; RuntimeError if it ends badly."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        words = laid_out(row, folder)
        if row.name in BRIDGED:
            name = BRIDGED[row.name][0]
            plugin(folder, name, SOURCES[name])
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([place, str(ROOT)])}
        start, spent = time.perf_counter(), os.times()
        done = subprocess.run(
            [sys.executable, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
        )
        taken, now = time.perf_counter() - start, os.times()
    if done.returncode:
        raise RuntimeError(f"{row.name}: {done.stderr or done.stdout}")
    used = now.children_user + now.children_system - spent.children_user - spent.children_system
    return taken, used, done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--row", action="append", help="only this section; repeatable")
    parser.add_argument("--write", action="store_true", help="put the table into docs/in-hand.md")
    given = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    found = rows(text)
    before = re.findall(r"^\| (.+?) \| \d+ \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    known = {name: (clock, processor) for name, clock, processor in before}
    taken: dict[str, list[tuple[float, float]]] = {row.name: [] for row in found}
    for _ in range(given.rounds):
        for row in found:
            if given.row and row.name not in given.row:
                continue
            if row.name in BRIDGED and importlib.util.find_spec(BRIDGED[row.name][1]) is None:
                continue
            clock, used, _ = ran(row)
            taken[row.name].append((clock, used))
            print(f"{row.name}: {clock:.1f} s, {used:.1f} s of processor time", file=sys.stderr, flush=True)
    seconds = {row.name: known.get(row.told, ("", "")) for row in found}
    for name, values in taken.items():
        if values:
            clock, used = (statistics.median(column) for column in zip(*values, strict=True))
            seconds[name] = f"{clock:.0f}", f"{used:.0f}"
    new = table(seconds, found)
    print(new)
    if not given.write:
        return
    text = re.sub(r"\| in hand \| lines.*?\n\n", lambda _: new + "\n", text, count=1, flags=re.DOTALL)
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    where = f"{cpu()}, {os.cpu_count()} cores, {system}"
    rounds = "one round" if given.rounds == 1 else f"medians of {given.rounds} rounds"
    load = os.getloadavg()[0]
    other = ", so that the clock tells of other work, too" if load > 1.5 * (os.cpu_count() or 1) else ""
    note = f"{datetime.date.today()}, {where}; {rounds}, load {load:.1f} at the end{other}.\n"
    text = re.sub(r"(measure\.py --write\n```\n\n).*\Z", lambda match: match[1] + note, text, flags=re.DOTALL)
    PAGE.write_text(text, encoding="utf-8")


def cpu() -> str:
    """The processor's name, as Linux has it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
