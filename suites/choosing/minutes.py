"""From the command to the verdict, as a stranger has it: `python suites/choosing/minutes.py [SUITE] [--out FOLDER]`.

Runs `optbench run SUITE --candidate FILE --against reference` for each file in `suites/choosing/strangers`, one after
the other in a process of its own, and prints a Markdown table of minutes, processor time, and what was said. Nothing
else should run.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

STRANGERS = sorted((Path(__file__).parent / "strangers").glob("*.py"))


def ran(suite: str, stranger: Path, out: Path) -> tuple[float, float, list[str]]:
    """(seconds, processor seconds, the lines of the answer)."""
    command = [sys.executable, "-m", "optbench.cli", "run", suite, "--candidate", str(stranger)]
    command += ["--against", "reference", "--out", str(out)]
    before, start = os.times(), time.monotonic()
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, after = time.monotonic() - start, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    if not (out / "report.html").exists():
        raise RuntimeError(f"{stranger.name}: there is no page")
    lines = told.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.strip() == stranger.stem)
    end = next(i for i, line in enumerate(lines) if i > begin and line.startswith("this run can tell"))
    return seconds, spent, [line.strip() for line in lines[begin + 1 : end + 1]]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("suite", nargs="?", default="standard")
    words.add_argument("--out", type=Path, help="where results stay; default: nowhere")
    asked = words.parse_args()
    print("| candidate | minutes | of processor time | what was said |\n| --- | --- | --- | --- |")
    with TemporaryDirectory() as nowhere:
        for stranger in STRANGERS:
            seconds, spent, lines = ran(asked.suite, stranger, (asked.out or Path(nowhere)) / stranger.stem)
            said = " ".join(lines)
            print(f"| `{stranger.stem}` | {seconds / 60:.1f} | {spent / 60:.1f} | {said} |", flush=True)


if __name__ == "__main__":
    main()
