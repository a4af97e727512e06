"""Rarer searches for garbage while figures are made.

A figure is many thousand objects that all live as long as it does: looking through them again and again takes a tenth
of the time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: new objects from which on the young are looked through, and so many of those until the older are, and the oldest
SELDOM = (20_000, 50, 100)


@contextmanager
def seldom() -> Iterator[None]:
    """The collector of this process runs seldom."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
