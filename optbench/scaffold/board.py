"""`optbench new NAME --kind board`: a repository whose entries become a site, with the workflows that look at them."""

import re
from pathlib import Path

from optbench.contract.errors import OptbenchError
from optbench.scaffold import environment, write

KIND = "board"
#: template -> file
FILES = {
    "board/README.md.j2": "README.md",
    "board/gitignore.j2": ".gitignore",
    "board/verify.yml.j2": ".github/workflows/verify.yml",
    "board/publish.yml.j2": ".github/workflows/publish.yml",
    "board/entries.md.j2": "entries/README.md",
}


def new_board(name: str, out: str | Path | None) -> Path:
    """Write the repository; its folder, default NAME in the current one.

    `OptbenchError` for a name that is none, and for a folder that is not empty; then nothing is written.
    """
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,58}[A-Za-z0-9])?", name, re.ASCII):
        raise OptbenchError(
            f"{name!r} is no name for a repository: use up to 60 letters and digits, with '-', '_' or '.' between them"
        )
    folder = Path(out) if out is not None else Path(name)
    title = re.sub(r"[._-]+", " ", name).capitalize()
    files = {path: environment().get_template(of).render(name=name, title=title) for of, path in FILES.items()}
    write(folder, files)
    return folder
