"""The stored numbers of many runs at once, without a Python object for each measurement."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from optbench.statistics.metrics import TARGETS
from optbench.store.packing import HEAD, WIDTH, check
from optbench.trials.trial import FIELDS


@dataclass(frozen=True)
class Block:
    """The numbers of many runs, one after another.

    numbers   all blobs joined, float64
    start     where each run's numbers start
    curve     where its measurements start
    count     how many it has
    """

    numbers: np.ndarray
    start: np.ndarray
    curve: np.ndarray
    count: np.ndarray

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """(run, offset) of each measurement of all runs in turn."""
        run = np.repeat(np.arange(len(self.count)), self.count)
        within = np.arange(len(run)) - np.repeat(np.cumsum(self.count) - self.count, self.count)
        return run, self.curve[run] + WIDTH * within

    def field(self, name: str, row: np.ndarray) -> np.ndarray:
        """One field of measurement number `row` of each run; NaN where it is negative."""
        at = self.curve + WIDTH * row + FIELDS.index(name)
        return np.where(row >= 0, self.numbers[np.where(row >= 0, at, 0)], np.nan)


def decode(rows: Iterable[tuple[int, str, int, bytes]]) -> Block:
    """A block from (count, names of metrics as JSON, checksum, blob); ValueError where they disagree."""
    rows = list(rows)
    lengths_of = {text: len(json.loads(text)) for text in {text for _, text, _, _ in rows}}
    metrics = [lengths_of[text] for _, text, _, _ in rows]
    for (measurements, _, checksum, blob), further in zip(rows, metrics, strict=True):
        check(blob, further, measurements, checksum)
    numbers = np.frombuffer(b"".join(blob for *_, blob in rows), dtype="<f8").astype(float, copy=False)
    lengths = np.array([len(blob) // 8 for *_, blob in rows], dtype=np.int64)
    start = np.cumsum(lengths) - lengths
    count = np.array([count for count, *_ in rows], dtype=np.int64)
    return Block(numbers, start, start + HEAD + np.array(metrics, dtype=np.int64), count)


def first_met(block: Block, targets: list[tuple[str, float] | None]) -> np.ndarray:
    """The number of the first measurement of each run that meets its target; -1 where none does.

    A target is (metric, value) or None. Losses are met at or below the value, accuracy and R^2 at or above it.
    """
    field = np.zeros(len(targets), dtype=np.int64)
    sign = np.ones(len(targets))
    value = np.full(len(targets), np.nan)
    for i, target in enumerate(targets):
        if target is not None:
            name = TARGETS[target[0]]
            field[i] = FIELDS.index(name)
            sign[i] = -1.0 if name.endswith("loss") else 1.0
            value[i] = target[1]
    run, at = block.rows()
    met = sign[run] * block.numbers[at + field[run]] >= sign[run] * value[run]
    hits = np.flatnonzero(met)[::-1]
    first = np.full(len(targets), -1)
    first[run[hits]] = (at[hits] - block.curve[run[hits]]) // WIDTH  # written backwards: the first hit stays
    return first
