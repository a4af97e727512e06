"""The README as an index shows it: there, files of this repository are elsewhere, so links and pictures say where."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(!?)(\[[^\]]*\])\((?!https?:|mailto:|#)([^)\s]+)\)")


class Readme(MetadataHookInterface):
    """`dynamic = ["readme"]`: of the tag that is the version's."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        source = metadata["urls"]["Source"]
        shown = absolute(text, source, f"v{metadata['version']}")
        metadata["readme"] = {"content-type": "text/markdown", "text": shown}


def absolute(text: str, source: str, tag: str) -> str:
    """Links to pages of the repository, pictures to their files."""

    def place(found: re.Match[str]) -> str:
        picture, label, path = found.groups()
        return f"{picture}{label}({source}/{'raw' if picture else 'blob'}/{tag}/{path})"

    return LINK.sub(place, text)
