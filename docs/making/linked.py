"""Whether all links of the built site lead somewhere: to a file of it, and to an id on that page."""

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The ids of a page, and where it links to."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.ids |= {value for name in ("id", "name") if (value := given.get(name))}
        self.links += [value for name in ("href", "src") if (value := given.get(name))]


def broken(site: Path) -> Iterator[str]:
    """A line a link within the site that leads nowhere."""

    @cache
    def page(file: Path) -> Page:
        return Page(file.read_text(encoding="utf-8"))

    for file in sorted(set(site.rglob("*.html")) - set((site / "_static").rglob("*.html"))):
        for link in page(file).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if target.is_dir():
                target /= "index.html"
            anchor = unquote(parts.fragment)
            if not target.is_file():
                yield f"{file.relative_to(site)}: {link}: there is no such file"
            elif anchor and target.suffix == ".html" and anchor not in page(target).ids:
                yield f"{file.relative_to(site)}: {link}: there is no such place"
