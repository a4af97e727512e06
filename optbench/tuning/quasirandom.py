"""Quasi-random search: a scrambled Halton sequence, which fills the cube more evenly than chance does.

Halton and not Sobol: any number of trials is as good as a power of two, and each coordinate by itself is
evenly spread, so that 8 trials of one rate fall into 8 different eighths of its range.

The points are those of `scipy.stats.qmc.Halton` to the bit; importing that takes longer than many a run's first trial.

References: Halton 1960; Owen, A randomized Halton algorithm in R, 2017; for tuning: Bousquet et al., Critical
Hyper-Parameters: No Random, No Cry, 2017.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import count, islice

import numpy as np

from optbench.contract.hyperparameters import Hyper


def points(trials: int, hypers: Sequence[Hyper], rng: np.random.Generator) -> np.ndarray:
    """(trials, dimensions) in the unit cube; another scrambling for each generator."""
    (own,) = rng.spawn(1)
    columns = [radical_inverses(trials, base, scrambling(base, own)) for base in islice(primes(), len(hypers))]
    return np.stack(columns, axis=1) if columns else np.empty((trials, 0))


def primes() -> Iterator[int]:
    return (n for n in count(2) if all(n % divisor for divisor in range(2, math.isqrt(n) + 1)))


def scrambling(base: int, rng: np.random.Generator) -> np.ndarray:
    """(digits, base): a permutation of the digits for each place that a number from 0 to 1 has in double precision."""
    digits = math.ceil(54 / math.log2(base)) - 1
    permutations = np.tile(np.arange(base), (digits, 1))
    for permutation in permutations:
        rng.shuffle(permutation)
    return permutations


def radical_inverses(n: int, base: int, permutations: np.ndarray) -> np.ndarray:
    """The numbers 0 to n - 1, each with its digits mirrored at the point and permuted: van der Corput's sequence."""
    rest = np.arange(n)
    result = np.zeros(n)
    place = 1 / base
    for permutation in permutations:
        result += permutation[rest % base] * place
        rest //= base
        place /= base
    return result
