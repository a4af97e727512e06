"""Our speed side by side with torch, JAX and scikit-learn: `python suites/peers/compare.py`.

Every family of rows is measured in a process of its own, on one processor and with one thread for everybody's linear
algebra, float32. All contenders of a family take turns, round by round; a row's ratio is that of their medians, and
its spread the quartiles of the rounds' own ratios. Peers come with the extra: `pip install optbench[peers]`.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from fnmatch import fnmatch
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from peers import rows, table
from peers.timing import CLOCK, Ratio

#: XLA's thread pool has a thread a processor; the processors are one, see `pin`.
ENVIRONMENT = {
    **dict.fromkeys(
        ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
    ),
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def arguments(families: Sequence[str], description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios and their reach")
    parser.add_argument(
        "--rows", default="*", metavar="PATTERN", help=f"only families that match, of: {', '.join(families)}"
    )
    parser.add_argument("--rounds", type=int, default=101, metavar="N", help="rounds of each family (default 101)")
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="by the processor time of this process, for a machine that others use too",
    )
    parser.add_argument(
        "--check", action="store_true", help="no timing: do all contenders come to the same parameters?"
    )
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    options.families = [name for name in families if fnmatch(name, options.rows)]
    if not options.families:
        parser.error(f"--rows {options.rows}: no family matches; there are {', '.join(families)}")
    return options


def main(families: Sequence[str] = rows.FAMILIES, description: str | None = __doc__) -> int:
    options = arguments(families, description)
    if options.check:
        return check(options.families)
    if options.processor_time:
        os.environ[CLOCK] = "processor"
    records: list[dict[str, Any]] = []
    for name in options.families:
        try:
            found = in_new_process(measured, name, options.rounds)
        except Exception as error:  # one family's failure, or its process's death, is not the others'
            failure = {"status": "failed", "message": str(error) or type(error).__name__}
            found = [{**described(name, row), **failure} for row in rows.family(name).rows]
        records += found
        for record in found:
            print(table.line(record), flush=True)
    result = {"date": date.today().isoformat(), "machine": in_new_process(machine), "rows": records}
    print(table.machine_lines(result["date"], result["machine"]))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")
    if options.plot:
        from peers.plot import draw

        draw(result, options.plot)
    return int(any(record["status"] == "failed" for record in records))


def check(names: list[str]) -> int:
    wrong = 0
    for name in names:
        for contender, distance, tolerance in in_new_process(checked, name):
            agrees = distance <= tolerance
            wrong += not agrees
            verdict = "agrees" if agrees else "DISAGREES"
            print(f"{name:12} {contender:26} {distance:9.2e} of {tolerance:g}  {verdict}", flush=True)
    return int(wrong > 0)


# ------------------------------------------------------------------------------------- in the process of a family


@contextmanager
def environment() -> Iterator[None]:
    """What new processes inherit."""
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def in_new_process(function: Any, *values: Any) -> Any:
    with environment(), ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *values).result()


def pin() -> None:
    """Keep this process on one processor, the last that it may use: nobody gets a second thread unseen."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def available(family: rows.Family) -> tuple[list[str], dict[str, list[str]]]:
    """The contenders that can be made, and for the others the modules that are missing."""
    missing: dict[str, list[str]] = {}
    for row in family.rows:
        absent = [module for module in row.needs if not rows.installed(module)]
        if absent:
            missing[row.under] = absent
    return [name for name in family.makers if name not in missing], missing


def described(name: str, row: rows.Row) -> dict[str, Any]:
    return {
        "family": name,
        "work": row.work,
        "against": row.against,
        "reach": row.reach,
        "at_least": row.at_least,
    }


def measured(name: str, rounds: int) -> list[dict[str, Any]]:
    """The records of a family's rows; called in a new process."""
    import numpy as np

    family = rows.family(name)
    if family.pinned:
        pin()
    names, missing = available(family)
    with np.errstate(all="ignore"):
        samples, notes = family.measure(names, rounds)
    records = []
    for row in family.rows:
        record = {**described(name, row), "unit": family.unit}
        if row.under in missing:
            record |= {"status": "not installed", "missing": missing[row.under]}
        else:
            ratio = Ratio.of(samples[row.over], samples[row.under])
            record |= {
                "status": "reached" if row.reached(ratio.value) else "missed",
                **vars(ratio),
                "rounds": len(samples[row.over]),
                "notes": [notes[n] for n in (row.over, row.under) if n in notes],
                "samples": {"over": samples[row.over], "under": samples[row.under]},
            }
        records.append(record)
    return records


def checked(name: str) -> list[tuple[str, float, float]]:
    """(contender, distance from ours, tolerance) of a family; called in a new process."""
    family = rows.family(name)
    if family.pinned:
        pin()
    names, _ = available(family)
    return [(n, distance, family.tolerance) for n, distance in family.check(names).items()]


def machine() -> dict[str, Any]:
    """What it ran on, with the peers' versions."""
    from optbench.registry.registry import registry
    from optbench.store.environment import environment as ours
    from optbench.store.environment import installed

    found = ours(registry())
    found["packages"] |= {name: installed(name) for name in ("torch", "pytorch_optimizer", "jax", "jaxlib", "optax")}
    return found


if __name__ == "__main__":
    sys.exit(main())
