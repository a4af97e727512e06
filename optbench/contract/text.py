"""Text that a stranger wrote, as it may be shown."""

import re
import unicodedata


def visible(text: object, keep: str = "") -> str:
    r"""`text` with escapes in place of characters that drive a terminal or cannot be seen; `keep` names exceptions.

    Control characters, marks of direction (U+202E lets a name read backwards), characters without width, surrogates.

    >>> visible("a\x1b[31m\u202eb\u200b")
    'a\\x1b[31m\\u202eb\\u200b'
    """
    text = str(text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep or unicodedata.category(c) == "Zs" else _escape(c) for c in text)


def _escape(character: str) -> str:
    return repr(character)[1:-1]


#: what makes spreadsheets work a cell out, behind any number of apostrophes; the last four are as wide as East Asia's
_FORMULA = re.compile("'*[=+\\-@\\t\\r\\n＝＋－＠]")


def cell(text: str) -> str:
    """`text` as a cell of a CSV file that no spreadsheet takes for a formula: with an apostrophe in front, if need be.

    A number stays as it is. Where a cell begins with apostrophes and then one of = + - @, tab or an end of line, and is
    no number, the text is the cell without its first apostrophe: no two texts give the same cell.

    >>> cell("=HYPERLINK(1)"), cell("-1"), cell("adam")
    ("'=HYPERLINK(1)", '-1', 'adam')
    """
    return f"'{text}" if _FORMULA.match(text) and not _number(text) else text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and text == text.strip() and "_" not in text
