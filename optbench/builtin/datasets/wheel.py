"""Files that lie in another distribution's wheel, read without importing it.

Importing scikit-learn takes two seconds, and a worker process needs nothing of it but a table of numbers.
"""

import gzip
import hashlib
import importlib.resources
import importlib.util
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO

import numpy as np

from optbench.contract.errors import OptbenchError


def content(package: str, distribution: str, path: str) -> bytes:
    """The bytes of a file of a package; a `.gz` is unpacked. The package's code is not run.

    Raises `OptbenchError` where the distribution is not installed or has no such file.
    """
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise OptbenchError(
            f"{path} comes with {distribution}, which is not installed: pip install {distribution}"
        )
    # A module made of its spec, and not executed, is all that importlib.resources asks for.
    file = importlib.resources.files(importlib.util.module_from_spec(spec))
    for part in path.split("/"):
        file = file / part
    try:
        data = file.read_bytes()
    except OSError as error:
        raise OptbenchError(
            f"{path} is missing in {distribution} {installed(distribution)}; is its installation whole?"
        ) from error
    return gzip.decompress(data) if path.endswith(".gz") else data


def table(data: bytes, delimiter: str | None = ",", skip: int = 0, dtype: type = np.float64) -> np.ndarray:
    """The numbers of a CSV file, (rows, columns); `skip` lines of heading."""
    return np.loadtxt(BytesIO(data), delimiter=delimiter, skiprows=skip, dtype=dtype, ndmin=2)


def provenance(source: str, distribution: str, *files: bytes) -> dict[str, str]:
    """Where data are from: the source's line, the distribution's version, SHA-256 of the unpacked files."""
    digest = hashlib.sha256(b"".join(files)).hexdigest()
    return {"source": source, "version": f"{distribution} {installed(distribution)}", "sha256": digest}


def installed(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "of an unknown version"
