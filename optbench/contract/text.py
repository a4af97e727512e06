"""Text that a stranger wrote, as it may be shown."""

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
