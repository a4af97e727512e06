"""`optbench board`, `optbench submit` and `optbench verify`: results of many people as a site."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optbench.cli.app import app
from optbench.cli.guard import UNDRAWN
from optbench.cli.options import AsJson, OneEngine
from optbench.cli.printing import records, show_json
from optbench.contract.text import visible


@app.command()
def board(
    out: Annotated[Path, typer.Option(help="The folder for the site.")],
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of entries, or single entries, as `optbench submit` makes them.", metavar="FOLDER…"
        ),
    ] = None,
    reference: Annotated[
        list[str] | None, typer.Option(help="A suite whose reference results are entries, too; repeatable.")
    ] = None,
    title: Annotated[str, typer.Option(help="The site's heading.")] = "The board",
    as_json: AsJson = False,
) -> int:
    """Make a static site of packed results: rankings, a page for each entry, comparisons, data.

    Nothing in an entry is executed. Exit status 3 where an entry was refused: the site tells why, and has the others.
    """  # fmt: skip
    from optbench.board.site import build
    from optbench.contract.errors import OptbenchError

    if not folders and not reference:
        raise OptbenchError("a board of nothing: give a FOLDER of entries, or a suite by --reference")
    found = build(folders or [], out, reference or (), title)
    if as_json:
        refused = [{"folder": one.folder, "reason": one.reason} for one in found.refused]
        leagues = {league.id: [entry.id for entry in league.entries] for league in found.leagues}
        told = {"page": found.page, "entries": [entry.id for entry in found.entries]}
        show_json({**told, "leagues": leagues, "refused": refused})
        return UNDRAWN if found.refused else 0
    for league in found.leagues:
        print(visible(f"{league.id}: {len(league.lines)} candidates of {len(league.entries)} entries; "
                      f"{league.standing.headline()}"))  # fmt: skip
    for one in found.refused:
        print(visible(f"warning: {one.folder} is not shown: {one.reason}"), file=sys.stderr)
    if not found.parquet:
        print('note: no Parquet, which needs pyarrow: pip install "optbench[parquet]"', file=sys.stderr)
    print(f"board: {found.page}, {len(found.entries)} entries")
    return UNDRAWN if found.refused else 0


class Licence(StrEnum):
    """Those of `optbench.board.card.LICENCES`, which is not imported for `--help`."""

    CC_BY = "CC-BY-4.0"
    CC0 = "CC0-1.0"
    CC_BY_SA = "CC-BY-SA-4.0"
    ODC_BY = "ODC-By-1.0"
    PDDL = "PDDL-1.0"
    BSD = "BSD-3-Clause"
    MIT = "MIT"
    APACHE = "Apache-2.0"


@app.command()
def submit(
    folder: Annotated[Path, typer.Argument(help="A folder that `optbench run` wrote, or an archive.", metavar="DIR")],
    author: Annotated[list[str], typer.Option(help="Whom to cite; repeatable.")],
    licence: Annotated[Licence, typer.Option(help="Of results and texts.")],
    out: Annotated[Path, typer.Option(help="Where the entry's folder is made.")] = Path("entries"),
    name: Annotated[str | None, typer.Option(help="The entry's; default the candidate's.")] = None,
    entry_version: Annotated[str, typer.Option(help="The next version of a name goes on with its history.")] = "1",
    title: Annotated[str | None, typer.Option(help="The page's heading; default the candidate's title.")] = None,
    description: Annotated[str, typer.Option(help="What it is, in a few sentences.")] = "",
    link: Annotated[str, typer.Option(help="An https address: the paper, the repository.")] = "",
    candidate: Annotated[
        list[str] | None, typer.Option(help="What the entry is about; default what the run is about; repeatable.")
    ] = None,
    requires: Annotated[
        list[str] | None,
        typer.Option(help="What to install for it, such as optbench-lion==0.1; default the plugins of its trials."),
    ] = None,
    kit: Annotated[bool, typer.Option("--kit/--no-kit", help="Run the conformance kit on its own components.")] = True,
    as_json: AsJson = False,
) -> int:
    """Make an entry for a board: results packed, a card, the licence, the source of what was handed in.

    Exit status 1 where a component of its own does not pass the conformance kit: the entry is made all the same.
    """
    from dataclasses import asdict

    from optbench.board.submit import submit as make
    from optbench.board.verify import kit as checks_of

    words = (entry_version, name, title, description, link)
    made = make(folder, out, author, licence.value, *words, candidate or (), requires or ())
    own = [str(made.folder / one) if one.startswith("source/") else one for one in made.card.components]
    failed = [check for check in checks_of(own) if check.verdict == "failed"] if kit else []
    if as_json:
        told = [{"component": one.component, "check": one.check, "message": one.message} for one in failed]
        more = {"folder": made.folder, "bytes": made.size, "fingerprint": made.fingerprint, "failed": told}
        show_json({**asdict(made.card), **more})
        return int(bool(failed))
    for one in failed:
        print(visible(f"failed: {one.component}: {one.check}: {one.message}"), file=sys.stderr)
    print(visible(f"entry: {made.folder}, {made.size / 1000:.0f} kB, about {', '.join(made.card.candidates)}"))
    print(f"fingerprint: {made.fingerprint}")
    print("now: add this folder to the board's repository in a pull request; `optbench board` shows how it will look")
    return int(bool(failed))


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="An entry's folder.", metavar="ENTRY")],
    trials: Annotated[int, typer.Option(help="How many to run again, spread over workloads and candidates.")] = 5,
    seed: Annotated[int, typer.Option(help="Chooses which.")] = 0,
    engine: OneEngine = "local",
    within: Annotated[
        float, typer.Option(help="How far apart runs may end elsewhere: a share of the first loss, or of a metric.")
    ] = 0.0,
    as_json: AsJson = False,
) -> int:
    """Run a sample of the trials that an entry is about again, and the conformance kit on its components.

    This executes what the entry names and brings: do it where that can do no harm. Exit status 0 where trials are borne
    out and no check fails, else 1.
    """
    from optbench.board.verify import verify as run_again

    found = run_again(folder, trials, seed, engine, within)
    if as_json:
        rows = records(found.again.trials)
        told = [{"component": c.component, "check": c.check, "message": c.message} for c in found.failed]
        show_json({"ok": found.ok, "sentence": found.sentence, "trials": rows, "failed": told})
        return int(not found.ok)
    for row in found.again.trials.to_dict("records"):
        word = "same bits" if row["same"] else "other bits"
        first = "" if row["same"] else f": {row['first']}"
        print(visible(f"{word}  {row['candidate']} on {row['workload']}, {row['phase']}, seed {row['seed']}{first}"))
    for one in found.failed:
        print(visible(f"failed: {one.component}: {one.check}: {one.message}"))
    print(visible(found.sentence))
    return int(not found.ok)
