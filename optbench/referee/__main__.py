"""python -m optbench.referee: measures, and writes referee.csv, referee.md and referee.png."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from optbench.running.streams import prepare

if TYPE_CHECKING:
    import pandas as pd


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m optbench.referee", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("results/referee"), help="folder (default: %(default)s)")
    parser.add_argument("--comparisons", type=int, default=1000, help="of equals, each (default: %(default)s)")
    parser.add_argument("--samples", type=int, default=1000, help="samples an interval (default: %(default)s)")
    parser.add_argument("--trainings", type=int, default=500, help="seeds of real ones; 0: none (default: %(default)s)")
    parser.add_argument("--engine", default="local", help="serial, local or local:N (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--part", action="append", help="measure this part alone (repeatable); what --out has of others stays"
    )
    parser.add_argument(
        "--estimators", type=Path, metavar="FOLDER", help="instead: compare estimators of speed on the results of a run"
    )
    parser.add_argument("--asked", action="store_true", help="instead: one candidate against many, by simulation")
    parser.add_argument("--stopping", action="store_true", help="instead: stopping when all is decided, by simulation")
    parser.add_argument("--plans", nargs="+", metavar="SUITE", help="instead: what a plan says, and the run then gives")
    parser.add_argument(
        "--tunings",
        nargs=2,
        metavar=("N", "SUITE"),
        help="instead: tune a suite N times anew, and tell how far its findings agree and which workloads decide",
    )
    prepare(endures=True)  # it measures for hours
    options = parser.parse_args(arguments)

    from optbench.contract.errors import OptbenchError, near
    from optbench.referee.drawing import draw
    from optbench.referee.measuring import PARTS, measure, tables, together
    from optbench.referee.power import pairing
    from optbench.referee.worlds import made_up, trained

    if options.comparisons < 1 or options.samples < 1 or options.trainings < 0:
        parser.error("--comparisons and --samples must be 1 or more, --trainings 0 or more")
    for part in options.part or ():
        if part not in PARTS:
            parser.error(f"--part {part}: {near(part, PARTS)}")
    options.out.mkdir(parents=True, exist_ok=True)
    if options.estimators:
        return _estimators(options)
    if options.tunings:
        return _tunings(options)
    if options.plans:
        return _plans(options)
    if options.asked or options.stopping:
        return _simulated(options)
    worlds = {"made up": made_up()}
    spread, correlation = [0.2, 0.2, 0.3, 0.4], 0.5
    if options.trainings:
        try:
            real = trained(options.out / "trainings", options.trainings, options.engine)
        except OptbenchError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        worlds = {"trained": real, **worlds}
        spreads, correlations = pairing(real[0].times, real[1].times)
        print(f"spread of log steps {spreads.round(2)}, correlation of paired seeds {correlations.round(2)}")
        spread, correlation = spreads.tolist(), float(correlations.mean())
    frame = measure(
        worlds,
        options.comparisons,
        options.samples,
        spread=spread,
        correlation=correlation,
        seed=options.seed,
        told=print,
        parts=options.part or PARTS,
    )
    frame = together(options.out / "referee.csv", frame) if options.part else frame
    frame.to_csv(options.out / "referee.csv", index=False)
    (options.out / "referee.md").write_text(tables(frame), encoding="utf-8")
    draw(frame, options.out / "referee.png")
    print(f"written: {options.out / 'referee.csv'}, referee.md and referee.png")
    return 0


def _estimators(options: argparse.Namespace) -> int:
    import optbench
    from optbench.contract.errors import OptbenchError
    from optbench.referee.estimators import compared, estimators, table

    try:
        found = estimators(optbench.load(options.estimators))
    except (OptbenchError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    frame = compared(found, families=max(options.comparisons // 10, 1), seed=options.seed, told=print)
    return _written(frame, table(frame), options.out / "estimators")


def _tunings(options: argparse.Namespace) -> int:
    import pandas as pd

    from optbench.contract.errors import OptbenchError
    from optbench.referee import decisive, tunings
    from optbench.registry.registry import registry
    from optbench.suite import load

    number, suite = options.tunings
    try:
        if not number.isdecimal() or int(number) < 2:
            raise OptbenchError(f"--tunings {number}: expected a whole number from 2 on, and a suite")
        folder = options.out / Path(suite).stem
        found = tunings.run(load(suite, registry()), int(number), folder, options.engine, told=print)
    except OptbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    frame = pd.concat([tunings.spread(found, by) for by in tunings.BY], ignore_index=True)
    worth = decisive.decisive(found, frame[frame["by"] == "time"])
    _written(worth, decisive.table(worth), options.out / "workloads")
    return _written(frame, tunings.table(found, frame), options.out / "tunings")


def _plans(options: argparse.Namespace) -> int:
    from optbench.contract.errors import OptbenchError
    from optbench.referee import plans

    try:
        frame = plans.measured(options.plans, options.out / "plans", told=print)
    except OptbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return _written(frame, plans.table(frame), options.out / "plans")


def _simulated(options: argparse.Namespace) -> int:
    from optbench.referee import asked, stopping

    if options.asked:
        frame = asked.measured(options.samples, seed=options.seed, told=print)
        _written(frame, asked.table(frame), options.out / "asked")
    if options.stopping:
        frame = stopping.measured(options.samples, seed=options.seed, told=print)
        _written(frame, stopping.table(frame), options.out / "stopping")
    return 0


def _written(frame: "pd.DataFrame", text: str, path: Path) -> int:
    frame.to_csv(path.with_suffix(".csv"), index=False)
    path.with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
