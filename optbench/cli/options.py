"""Options that several commands have, with the same words and help."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]
OneEngine = Annotated[str, typer.Option(help="serial, or local:N for N processes; local is one a core.")]
