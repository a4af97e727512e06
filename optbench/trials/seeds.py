"""Seeds by purpose: one independent stream of chance for each thing that draws.

Two optimizers with the same seed start from the same weights and see the same batches, so that comparisons
are paired; and a component that draws more or less than another changes no other stream.
"""

import numpy as np

from optbench.contract.errors import near

#: The numbers are part of every result: add new ones at the end, never change one.
PURPOSES: dict[str, int] = {
    "data": 1,
    "split": 2,
    "initialization": 3,
    "order": 4,
    "noise": 5,
    "dropout": 6,
    "optimizer": 7,
    "search": 8,
    "calibration": 9,
    "bootstrap": 10,
    "transform": 11,
    "evaluation": 12,
    "function": 13,
    "online": 14,
}

#: Seeds of tuning lie above every seed that is reported: nothing is selected on a seed that it is judged by.
TUNING_SEED = 10_000
MOST_SEEDS = TUNING_SEED - 1


def stream(seed: int, purpose: str, *more: int) -> np.random.Generator:
    """The generator of one purpose; `more` numbers (a layer, a study) give further independent ones.

    Spawn keys keep (1,) and (1, 0) apart, which a list as entropy does not: it is padded with zeros.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"there is no purpose {purpose!r}; {near(purpose, PURPOSES)}")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PURPOSES[purpose], *more)))


def final_seeds(count: int) -> range:
    """The seeds that a candidate is judged by, the same for all candidates: 1 … count."""
    if not 1 <= count <= MOST_SEEDS:
        raise ValueError(f"seeds must be in [1, {MOST_SEEDS}], got {count}")
    return range(1, count + 1)


def reported(seed: int) -> bool:
    """Whether a trial of this seed is reported, and may read the test split: those of tuning may not."""
    return seed < TUNING_SEED


def tuning_seed(study: int) -> int:
    """The seed of all tuning trials of a study (0, 1, …), the same for all candidates."""
    return TUNING_SEED + study
