"""Writing what is made: only what changed, so that Sphinx reads no page again without need."""

from pathlib import Path

from making.links import DOCS


class Pages:
    """The pages of one build; those of an earlier one that are no longer made are removed."""

    def __init__(self) -> None:
        self.made: set[Path] = set()

    def write(self, name: str, text: str) -> None:
        """A page or file, by its path in docs/."""
        path = DOCS / name
        self.made.add(path)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def swept(self, *folders: str) -> None:
        """Remove what these folders still hold of earlier builds; nothing else may be in them."""
        for folder in folders:
            for path in (DOCS / folder).rglob("*"):
                if path.is_file() and path not in self.made:
                    path.unlink()
