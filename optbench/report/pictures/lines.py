"""Lines of text in figures, in letters of one width and of two."""

import textwrap
import unicodedata

#: no line begins with one of these, or ends with one of those
CLOSING, OPENING = "，。；：、！？）】》”’%", "（【《“‘"


def width(text: str) -> int:
    """In letters of Latin: one of Chinese, Japanese or Korean is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, wide: int) -> list[str]:
    """Lines of at most this width: between words, and where a wide letter stands, before or behind it."""
    if width(text) == len(text):
        return textwrap.wrap(text, wide)
    lines, line = [], ""
    for piece in _pieces(text):
        if line and width(line + piece.rstrip()) > wide:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """What is not broken: words with the blank behind them, wide letters with the signs that they carry."""
    pieces: list[str] = []
    for letter in text:
        last = pieces[-1] if pieces else ""
        word = bool(last) and width(letter) == width(last[-1]) == 1 and last[-1] != " "
        joined = bool(last) and (word or letter in CLOSING or last[-1] in OPENING)
        if joined or (letter == " " and last):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces
