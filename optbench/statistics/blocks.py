"""The stored numbers of many runs at once, without a Python object for each measurement."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from optbench.contract.metric import field_of, lower_is_better
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


def crossed(block: Block, targets: list[tuple[str, tuple[float, ...]] | None]) -> dict[str, np.ndarray]:
    """{"step", "gradients", "epoch": (runs, targets)}: when each run meets each of its targets, infinite for a miss.

    A target is (metric, levels) or None, whose times are NaN, as they are beyond the number of levels. Times are those
    of `optbench.trials.crossing`, a line between measurements, and no less than those of one step: nothing is trained
    before the first, and logarithms of fractions of it would outweigh everything else.
    """
    known = [(i, *target) for i, target in enumerate(targets) if target is not None]
    most = max((len(levels) for *_, levels in known), default=1)
    field = np.zeros(len(targets), dtype=np.int64)
    sign = np.ones(len(targets))
    level = np.full((len(targets), most), np.nan)
    for i, name, levels in known:
        field[i] = FIELDS.index(field_of(name))
        sign[i] = -1.0 if lower_is_better(name) else 1.0
        level[i, : len(levels)] = levels
    run, at = block.rows()
    values = block.numbers[at + field[run]]
    before = _known_before(values, run)
    axes = {name: block.numbers[at + FIELDS.index(name)] for name in ("step", "gradients", "epoch")}
    last = np.cumsum(block.count) - 1
    found = {name: np.where(np.isnan(level), np.nan, np.inf) for name in axes}
    for rung in range(most):
        met = sign[run] * values >= sign[run] * level[run, rung]
        hits = np.flatnonzero(met)[::-1]
        first = np.full(len(targets), -1)
        first[run[hits]] = hits  # written backwards: the first hit stays
        who = np.flatnonzero(first >= 0)
        here, earlier = first[who], before[first[who]]
        share = np.ones(len(who))
        inside = earlier >= 0
        if inside.any():
            ends = values[earlier[inside]], values[here[inside]], level[who[inside], rung]
            share[inside] = _share(*ends, sign[who[inside]] < 0)
        earlier = np.where(inside, earlier, here)
        for name, spent in axes.items():
            end = last[who]
            with np.errstate(invalid="ignore", divide="ignore"):
                one = np.where(axes["step"][end] > 0, spent[end] / axes["step"][end], 1.0)
            time = spent[earlier] + share * (spent[here] - spent[earlier])
            found[name][who, rung] = np.maximum(time, one)
    return found


def _known_before(values: np.ndarray, run: np.ndarray) -> np.ndarray:
    """The place of the last number before each measurement, of the same run; -1 where there is none."""
    latest = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(len(values)))) if len(values) else run
    before = np.concatenate([[-1], latest[:-1]]) if len(values) else run
    return np.where((before >= 0) & (run[before] == run), before, -1)


def _share(before: np.ndarray, behind: np.ndarray, level: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """How far between two measurements the level is met: of a positive loss in its logarithm; 1 where nothing says."""
    logs = lower & (behind > 0) & (level > 0) & np.isfinite(before)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        x, y, z = (np.where(logs, np.log(np.where(logs, v, 1.0)), v) for v in (before, behind, level))
        share = (x - z) / (x - y)
    return np.clip(np.where(np.isfinite(share), share, 1.0), 0.0, 1.0)
