"""A citation for each entry: BibTeX, and the Citation File Format that GitHub and Zenodo read."""

import json

from optbench.board.card import Card
from optbench.contract.text import visible

#: what has a meaning to TeX, and how it is written as itself
TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "@": r"{@}", '"': r"{''}",
}  # fmt: skip


def bibtex(card: Card) -> str:
    """An @misc of the entry; TeX's own signs in it are written as themselves."""
    authors = " and ".join("{" + _tex(author) + "}" for author in card.authors)
    fields = {
        "author": authors, "title": "{" + _tex(card.title) + "}", "year": card.date[:4], "month": card.date[5:7],
        "version": card.version, "note": f"Results of optbench, SHA-256 {card.sha256}", "url": card.link,
    }  # fmt: skip
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return "@misc{" + card.id + ",\n" + ",\n".join(lines) + "\n}\n"


def cff(card: Card) -> str:
    """A CITATION.cff (version 1.2.0). Texts are as JSON writes them, which YAML reads alike."""
    lines = [
        "cff-version: 1.2.0",
        "type: dataset",
        "message: Please cite these results as below.",
        f"title: {_text(card.title)}",
        f"version: {_text(card.version)}",
        f"date-released: {card.date}",
        f"license: {_text(card.licence)}",
        *([f"url: {_text(card.link)}"] if card.link else []),
        "identifiers:",
        "  - type: other",
        f"    value: {_text(f'sha256:{card.sha256}')}",
        "authors:",
        *(f"  - name: {_text(author)}" for author in card.authors),
    ]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return json.dumps(visible(text))


def _tex(text: str) -> str:
    return "".join(TEX.get(letter, letter) for letter in visible(text))
