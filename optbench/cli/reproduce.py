"""`optbench reproduce`: do stored trials give the same bits here?"""

from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.options import AsJson, OneEngine
from optbench.cli.printing import records, show_json


@app.command()
def reproduce(
    folder: Annotated[Path, typer.Argument(help="A run's folder, an archive, or reference.", metavar="DIR")],
    trials: Annotated[int, typer.Option(help="How many, spread over workloads and candidates.")] = 10,
    seed: Annotated[int, typer.Option(help="Chooses which.")] = 0,
    engine: OneEngine = "local",
    component: Annotated[
        list[str] | None,
        typer.Option(help="A component that was handed in: ./mine.py:Lion or my_package.my_module:Lion; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Run a sample of stored trials again, and say whether they give the same bits, and if not, what is another here.

    Exit status 0 where all have the same bits, else 1.
    """
    from optbench.report.words.numbers import plain
    from optbench.results.reproduction import reproduce as run_again

    found = run_again(folder, trials, seed, engine, component or ())
    if as_json:
        tables = {"trials": found.trials, "environments": found.environments}
        rows = {name: records(table) for name, table in tables.items()}
        show_json({"same": found.same, "verdict": found.verdict, **rows})
        return int(not found.same)
    for row in found.trials.to_dict("records"):
        word = "same bits " if row["same"] else "OTHER BITS"
        where = f"{row['candidate']} on {row['workload']}, {row['phase']} {row['number']}, seed {row['seed']}"
        print(plain(f"{word}  {where}" + "".join(f": {part}" for part in (row["first"], row["note"]) if part)))
    for row in found.environments.to_dict("records"):
        there, here = row["there"] or "none", row["here"] or "none"
        print(plain(f"{row['field']}: {there} there, {here} here ({row['trials']} trials)"))
    print(plain(found.verdict))
    return int(not found.same)
