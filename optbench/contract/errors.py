"""The one error a user is meant to read: a single clear message, exit status 2, no traceback."""

import difflib
from collections.abc import Iterable

#: so many names are listed where none is near
LISTED = 60


class OptbenchError(Exception):
    """Something the user can mend: a misspelt name, a bad field, a folder that cannot be written."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message, without a page of lines that say nothing about it."""
        return [f"{type(self).__name__}: {self}"]


def near(name: str, names: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest valid ones, or all of them, unless they are very many.

    Near is also what differs in case alone, or has a library's prefix besides.

    >>> near("adm", ["adam", "sgd"])
    "did you mean 'adam'?"
    """
    names = sorted(set(names))
    forms: dict[str, list[str]] = {}
    # Whatever the case, and without a library's prefix, which come last: "Lion" is near "pytorch-optimizer/lion".
    names.sort(key=lambda one: ("/" in one, one))
    for one in names:
        for form in {one.lower(), one.lower().rpartition("/")[2]}:
            forms.setdefault(form, []).append(one)
    low = name.lower()
    close = [low] if low in forms else difflib.get_close_matches(low, forms, n=3, cutoff=0.6)
    if close:
        found = list(dict.fromkeys(one for form in close for one in forms[form]))
        found = [one for one in found if one.lower() == low] or found
        return "did you mean " + " or ".join(repr(one) for one in found[:3]) + "?"
    # A bridge offers a hundred names: who asks for none of a library's sees the others.
    names = sorted(one for one in names if "/" not in one or "/" in name) or sorted(names)
    more = f", and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return "valid names: " + ", ".join(names[:LISTED]) + more if names else "there are none"
