"""The page's pictures as files, for papers and slides: made when somebody asks for them."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError, near
from optbench.report.pictures import formats
from optbench.report.sections import context, pictures


def save_pictures(
    results: Any,
    folder: Path,
    kinds: Collection[str] = formats.FORMATS,
    names: Collection[str] = (),
    failed: Callable[[str], Any] | None = None,
) -> list[Path]:
    """Write pictures of the report of these results to folder/NAME.KIND; returns the files, in the page's order.

    kinds    of `formats.FORMATS`
    names    which pictures; default: all
    failed   is told of each that could not be drawn: the others are written
    Raises `OptbenchError` for a name that no picture has, and where a file cannot be written.
    """
    found = {picture.name: picture for picture in pictures(context(results))}
    for name in names:
        if name not in found:
            raise OptbenchError(f"these results have no picture {name!r}; {near(name, found)}")
    written = []
    for name in names or found:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            drawn = found[name].draw()
            formats.freeze(drawn)
            for kind in dict.fromkeys(kinds):
                path = folder / f"{name}.{kind}"
                formats.save(drawn, path)
                written.append(path)
        except OSError as error:
            where = error.filename or folder
            raise OptbenchError(f"cannot write the figures to {where}: {error.strerror}") from error
        except Exception as error:
            if failed is None:
                raise
            failed(f"figure {name} could not be drawn: {type(error).__name__}: {error}")
    return written
