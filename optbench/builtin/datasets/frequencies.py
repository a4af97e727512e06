"""Class numbers that are as frequent as words, users and items are."""

import numpy as np

from optbench.builtin.functions.bigram import power_law


def drawn_by_rank(rng: np.random.Generator, number: int, size: int, exponent: float) -> np.ndarray:
    """`size` class numbers 0, …, number - 1, of which i is drawn with a share in proportion to 1 / (1 + i)^exponent."""
    return rng.choice(number, size, p=power_law(number, exponent))
