"""The one error a user is meant to read: a single clear message, exit status 2, no traceback."""

import difflib
from collections.abc import Iterable

#: so many names are listed where none is near
LISTED = 60


class OptbenchError(Exception):
    """Something the user can mend: a misspelt name, a bad field, a folder that cannot be written."""


def near(name: str, names: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest valid ones, or all of them, unless they are very many.

    >>> near("adm", ["adam", "sgd"])
    "did you mean 'adam'?"
    """
    names = sorted(names)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(repr(c) for c in close) + "?"
    more = f", and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return "valid names: " + ", ".join(names[:LISTED]) + more if names else "there are none"
