"""Options that several commands have, with the same words and help."""

from typing import Annotated

import typer

from optbench.cli import names

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]
OneEngine = Annotated[str, typer.Option(help="serial, or local:N for N processes; local is one a core.")]
SuiteName = Annotated[
    str, typer.Argument(autocompletion=names.suites, help="A suite's name (see: optbench list suites) or a TOML file.")
]
Candidates = Annotated[
    list[str] | None,
    typer.Option(
        autocompletion=names.candidates,
        help="Only this: the suite's, an optimizer, or a file's ./mine.py:Lion; repeatable.",
    ),
]
Workloads = Annotated[
    list[str] | None, typer.Option(autocompletion=names.workloads, help="Only this workload; repeatable.")
]
Data = Annotated[
    str | None, typer.Option(help="Instead of the suite's workloads: one on this .csv, .parquet or .npz.")
]
Target = Annotated[str | None, typer.Option(help="The column of --data to be predicted.")]
Sealed = Annotated[
    int | None,
    typer.Option(help="Draw so many variants from the candidate's fingerprint: does a lead carry over?"),
]
Seeds = Annotated[int | None, typer.Option(help="Fresh seeds after tuning, instead of the suite's.")]
Trials = Annotated[int | None, typer.Option(help="Tuning trials of each study, instead of the suite's.")]
