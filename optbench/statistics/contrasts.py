"""Contrasts of more than two candidates on paired seeds: main effects, interactions as differences of differences.

A contrast adds the values of some candidates and subtracts those of others, seed by seed:

    does warm-up help Adam more than SGD?   (adam+warmup - adam) - (sgd+warmup - sgd)

of logarithms of times a ratio of ratios, of final results a difference of differences. What all of a seed's runs share
falls out, as in `pairs`, and what a workload shares, too.

**Misses.** A time that is not known is no less than its budget (`pairs`). So a contrast is known from below where only
times that are added were missed, from above where only such that are subtracted were. Where that does not say on which
side of 0 it lies, the seed counts as a tie. The rule is the same with the signs exchanged, as tests of signs ask for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optbench.statistics.pairs import Paired, unseen


@dataclass(frozen=True)
class Term:
    """The means of some groups of candidates, added, less the means of as many others."""

    plus: tuple[tuple[str, ...], ...]
    minus: tuple[tuple[str, ...], ...]


def difference(a: str, b: str) -> Term:
    """a - b."""
    return Term(((a,),), ((b,),))


def twofold(a: str, b: str, c: str, d: str) -> Term:
    """(a - b) - (c - d)."""
    return Term(((a,), (d,)), ((b,), (c,)))


def contrast(pairs: Paired, terms: Sequence[Term], ties: bool = True) -> list[np.ndarray]:
    """The mean of the terms by workload, one number a seed that has all runs; empty where none has.

    ties   whether what may lie on either side of 0 counts as 0; else as if misses were known: to be shown, not judged
    """
    each = (_each(pairs, term) for term in terms)
    return _known(np.mean([_mean(_tied(*one, 0.0, 0.0)[0] if ties else one[0]) for one in each], axis=0))


def contrast_bounds(pairs: Paired, terms: Sequence[Term], margin: float) -> list[np.ndarray]:
    """The same as (2, seeds) by workload: as it counts against "-margin or less" and "margin or more".

    See `Paired.bounds`: what is not known counts as what a test of equality wants to refute.
    """
    sides = []
    for term in terms:
        d, up, down = _each(pairs, term)
        least = unseen(up | down, d, margin)
        low, high = _tied(d, up, down, -least, least)
        known = low == high
        sides.append(
            [
                _mean(np.where(known & down, np.minimum(low, -least), low)),
                _mean(np.where(known & up, np.maximum(high, least), high)),
            ]
        )
    both = np.mean(sides, axis=0)
    return [rows[:, ~np.isnan(rows[0])] for rows in both.swapaxes(0, 1)]


def _each(pairs: Paired, term: Term) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(the contrast, whether it may be more, whether it may be less), each (workloads, seeds, targets)."""
    plus = [_group(pairs, group) for group in term.plus]
    minus = [_group(pairs, group) for group in term.minus]
    d = sum(value for value, _ in plus) - sum(value for value, _ in minus)
    up, down = (np.stack([missed for _, missed in side]).any(axis=0) for side in (plus, minus))
    return np.asarray(d), np.asarray(up), np.asarray(down)


def _group(pairs: Paired, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    places = [pairs.candidates.index(name) for name in names]
    values, missed = pairs.values[places], pairs.missed[places]
    if values.ndim == 3:
        values, missed = values[..., None], missed[..., None]
    return values.mean(axis=0), np.asarray(missed.any(axis=0))


def _tied(
    d: np.ndarray, up: np.ndarray, down: np.ndarray, low: float | np.ndarray, high: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The contrast with (low, high) in place of what may lie on either side of 0."""
    unknown = ((up & down) | (up & (d <= 0)) | (down & (d >= 0))) & ~np.isnan(d)
    return np.where(unknown, low, d), np.where(unknown, high, d)


def _mean(values: np.ndarray) -> np.ndarray:
    """Over the targets that a workload has."""
    known = ~np.isnan(values)
    number = known.sum(axis=-1)
    return np.where(number > 0, np.where(known, values, 0.0).sum(axis=-1) / np.maximum(number, 1), np.nan)


def _known(table: np.ndarray) -> list[np.ndarray]:
    return [row[~np.isnan(row)] for row in table]
