"""What a suite owes: every mistake in its file is found before anything is trained."""

from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.testing.base import CheckFailed

__all__ = ["check_suite_is_valid"]


def check_suite_is_valid(suite: Any) -> None:
    """A suite reads without an error: a name, a path, or a file as `importlib.resources` gives it."""
    from optbench.registry.registry import registry
    from optbench.suite import load, parse

    try:
        if isinstance(suite, (str, Path)):
            load(suite, registry())
        else:
            parse(suite.read_text(encoding="utf-8"), suite.name, registry())
    except (OptbenchError, OSError, ValueError) as error:
        raise CheckFailed(f"the suite cannot be read: {error}") from error
