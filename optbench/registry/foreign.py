"""Objects of a user's own, by path: what names such as "torch:package.module:Class" stand for."""

import os
import sys
from importlib import import_module
from typing import Any

from optbench.contract.errors import OptbenchError, near
from optbench.registry.sources import fingerprint


def import_object(path: str) -> tuple[Any, str]:
    """(object, source) of "package.module:Name", where the source is the module with its fingerprint.

    The current folder is searched last, so that a script beside the suite is found. The source belongs into a
    component's `bridge`: once the code has changed, trials of the old one are no longer taken for its results.
    Raises `OptbenchError` with what is wrong and near names.
    """
    name, colon, attribute = path.partition(":")
    if not (name and colon and attribute):
        raise OptbenchError(f"{path!r} is not of the form package.module:Name")
    folder = os.getcwd()
    if folder not in sys.path and "" not in sys.path:
        sys.path.append(folder)
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise OptbenchError(f"there is no module {error.name!r} on the path or in {folder}") from error
        raise OptbenchError(f"{name} cannot be imported: {error}") from error
    except Exception as error:  # whatever the user's module does
        raise OptbenchError(f"{name} cannot be imported: {type(error).__name__}: {error}") from error
    found: Any = module
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            valid = near(part, [n for n in dir(found) if not n.startswith("_")])
            raise OptbenchError(f"{name} has no {attribute!r}; {valid}") from None
    return found, f"{name} {fingerprint(module.__name__)}"
