"""Values that hardly any argument can be, and what a function that checks its own says of them."""

import numpy as np
import pandas as pd

from optbench import OptbenchError

HOSTILE = [
    object(), OptbenchError, -1.5, float("inf"), 10**400, "a\nb\0", b"x", [object()], [[1], [1, 2]],
    {1: object()}, {"a": object()}, ["cat", 1], np.array("x"), np.array(["x"]), pd.Timestamp(0),
]  # fmt: skip


def refused(function, argument):
    """How many of these values a function refuses for this argument, by its name; all others are missing.

    One that was taken ends in a TypeError that tells of the missing ones, in nothing, or in an error that follows.
    """
    count = 0
    for value in HOSTILE:
        try:
            function(**{argument: value})
        except OptbenchError as error:
            if str(error).startswith((f"{argument} must", f"{argument}[", f"a key of {argument}", f"{argument}: ")):
                count += 1
                continue
            raise AssertionError((value, str(error))) from error
        except TypeError as error:
            if "missing" not in str(error):
                raise AssertionError((value, str(error))) from error
    return count
