"""The trials' table for other programs: CSV, JSON or Parquet, one row a trial.

Columns are those of `Results.trials` and one more, `solved`: true where the target was met, false where it was missed,
empty (null) where the workload has none. It tells a miss where a format has no infinity:

    csv       UTF-8; a text that a spreadsheet would take for a formula has an apostrophe in front (`=1+1` is `'=1+1`:
              see `optbench.contract.text.cell`), numbers are as they are; a missed target is `inf`, no value an empty
              field; floats to the last bit; hyperparameters as JSON text
    json      an array of objects; strictly valid: infinite and missing numbers are null; hyperparameters as an object
    parquet   floats as they are; hyperparameters as JSON text
"""

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.contract.errors import OptbenchError, near
from optbench.contract.text import cell
from optbench.results.results import Results

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "json", "parquet")
#: whole numbers unless a run has no measurement
WHOLE = ("steps", "gradients")


def export(results: Results, format: str, out: str | Path | None = None) -> str | None:
    """Write the trials to `out`, or return them as text where it is None (csv and json).

    OptbenchError where the format is unknown, Parquet has no file to go to or no pyarrow, or `out` cannot be written.
    A file is replaced as a whole or not at all.
    """
    return export_table(exported(results.trials), format, out)


def export_table(table: "pd.DataFrame", format: str, out: str | Path | None = None) -> str | None:
    """Any table as `export` writes that of the trials."""
    if format not in FORMATS:
        raise OptbenchError(f"--format {format}: unknown format; {near(format, FORMATS)}")
    if format == "parquet":
        data = _parquet(table, out)
    else:
        text = harmless(table).to_csv(index=False) if format == "csv" else as_json(table)
        if out is None:
            return text
        data = text.encode("utf-8")
    assert out is not None
    _replace(Path(out), data)
    return None


def exported(trials: "pd.DataFrame") -> "pd.DataFrame":
    """The trials' table with `solved` behind the times to target."""
    import pandas as pd

    solved = pd.array(np.isfinite(trials["steps_to_target"].to_numpy(dtype=float)), dtype="boolean")
    solved[trials["target_metric"].isna().to_numpy()] = pd.NA
    table = trials.copy()
    table.insert(list(table.columns).index("seconds_to_target") + 1, "solved", solved)
    return table


def harmless(table: "pd.DataFrame") -> "pd.DataFrame":
    """The table with every text, and every heading, as a cell that no spreadsheet works out."""

    def safe(value: Any) -> Any:
        return cell(value) if isinstance(value, str) else value

    texts = [str(name) for name in table if table[name].dtype.kind == "O"]
    return table.assign(**{name: table[name].map(safe) for name in texts}).rename(columns=safe)


def as_json(table: "pd.DataFrame") -> str:
    """A JSON array of objects, a line a trial."""
    columns = {name: [_plain(str(name), value) for value in table[name].tolist()] for name in table}
    rows = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    lines = ",\n".join(json.dumps(row, allow_nan=False, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def _plain(name: str, value: Any) -> Any:
    if name == "hyperparameters":
        return _finite(json.loads(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if name in WHOLE else value
    return value if isinstance(value, (str, bool, int)) else None


def _finite(value: Any) -> Any:
    """Hyperparameters may be infinite, or lists of such."""
    if isinstance(value, dict):
        return {key: _finite(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parquet(table: "pd.DataFrame", out: str | Path | None) -> bytes:
    if out is None:
        raise OptbenchError("--format parquet: a binary format needs a file: add --out FILE")
    try:
        import pyarrow  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        raise OptbenchError(
            '--format parquet needs pyarrow: pip install "optbench[parquet]", or choose csv or json'
        ) from None
    return table.to_parquet(index=False, engine="pyarrow")


def _replace(out: Path, data: bytes) -> None:
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        if out.exists() and not out.is_file():  # a pipe or a device has nothing to replace
            out.write_bytes(data)
            return
        try:
            part.write_bytes(data)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OptbenchError(f"--out {out}: cannot be written: {error.strerror or error}") from None
