"""Pages link to files of the repository, as GitHub reads them: on the site these are pages of their own, or files.

`../plugins/optbench-torch#your-own-model` is the plugin's page here, `../CONTRIBUTING.md#speed` that of contributing.
What has no page (a module, a suite) becomes a file to download, which MyST does by itself.
"""

import os
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
#: files outside docs/ -> their page
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
}
_LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")


def page_of(file: Path) -> str | None:
    """The page, relative to docs/, that a file or folder of the repository is on; None where it has none."""
    if file.is_relative_to(DOCS):
        if (file / "index.md").is_file():
            file /= "index.md"
        return file.relative_to(DOCS).as_posix()
    path = file.relative_to(ROOT).as_posix()
    if path in PAGES:
        return PAGES[path]
    _, _, rest = path.partition("plugins/")
    if path.startswith("plugins/") and rest.removesuffix("/README.md").count("/") == 0:
        return f"plugins/{rest.removesuffix('/README.md')}.md"
    return "plugins/index.md" if path == "plugins" else None


def turned(app: Any, name: str, source: list[str]) -> None:
    """Called with each page's text when it is read."""
    path = Path(app.env.doc2path(name))
    if path.suffix == ".md" and path.is_relative_to(DOCS):
        source[0] = led(source[0], path.parent, path.parent)


def led(text: str, base: Path, here: Path) -> str:
    """A text whose links start from the folder `base`, as it stands on a page in the folder `here` of docs/."""

    def turn(found: re.Match[str]) -> str:
        target, anchor = found[1], found[2] or ""
        if re.match(r"\w+:", target) or target.startswith("/"):
            return found[0]
        file = (base / target).resolve()
        if not file.is_relative_to(ROOT) or not file.exists():
            return found[0]
        page = page_of(file)
        if page is not None:
            return f"](/{page}{anchor})"
        if file.is_dir():
            return "](/project/contributing.md#where-things-are)"
        return f"]({os.path.relpath(file, here)})"

    return _LINK.sub(turn, text)
