"""How often a word or an interval may be wrong, where one looked more than once before all seeds were there.

A claim of a run that adds seeds until all is decided is judged once, on all seeds of its last look. But when that is,
the data chose, and a test at 5 % would be wrong in more cases. At a look the level is therefore the nominal one that a
group sequential test has there:

    alpha_l = 2 - 2 Phi(z_l),    z_l the boundary of that look for a normal score (`spending.boundaries`)

which is spent by all planned looks together in at most 5 % of cases. So a test at alpha_l speaks a false word at
*any* look in at most 5 % of cases, and the intervals of 1 - alpha_l hold the truth at *all* looks in 95 %: repeated
confidence intervals (Jennison and Turnbull 1989, JRSS B 51:305), of Student's statistics by their p (the same, 1999,
Group Sequential Methods, section 4.4). Which look was the last does not matter then, nor why. Where pairs are studies,
more seeds add less than was assumed: looks depend on each other more, and words are false less often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from optbench.statistics.holm import ALPHA
from optbench.statistics.spending import Spending, boundaries

if TYPE_CHECKING:
    import pandas as pd

#: why nothing is said before the first look
NO_LOOK = "no look was taken yet"


@dataclass(frozen=True)
class Level:
    """difference  alpha of a two-sided test; its interval holds the truth in 1 - difference
    equality    alpha of each of two one-sided tests of equality
    seeds       of the look at which one is; None: seeds were fixed beforehand, 0: no look was taken yet
    """

    difference: float = ALPHA
    equality: float = ALPHA
    seeds: int | None = None

    @property
    def confidence(self) -> float:
        return 1 - self.difference


FIXED = Level()


def at_look(looks: Sequence[int], seeds: int, alpha: float = ALPHA, spending: Spending = "pocock") -> Level:
    """The level at the look at so many seeds, of planned looks that spend `alpha` of a kind together.

    ValueError where `seeds` is no planned look; 0 seeds are none at all, where nothing may be said.
    """
    if not seeds:
        return Level(0.0, 0.0, 0)
    if seeds not in looks:
        raise ValueError(f"seeds: {seeds}; expected a planned look, one of {tuple(looks)}")
    taken = tuple(n / looks[-1] for n in looks[: looks.index(seeds) + 1])
    return Level(2 * _tail(taken, alpha, spending), _tail(taken, 2 * alpha, spending), seeds)


@lru_cache(maxsize=64)
def _tail(shares: tuple[float, ...], alpha: float, spending: Spending) -> float:
    """Beyond the last boundary on one side, of a test that spends alpha on both: of a one-sided one half of it."""
    from scipy.special import ndtr

    return float(ndtr(-boundaries(shares, alpha, spending)[-1]))


def level_of(until: Mapping[str, Any]) -> Level:
    """The level of a run at its last look, from the record of its looks (`Results.until`); empty: fixed seeds."""
    return at_look(tuple(until["looks"]), int(until["seeds"])) if until else FIXED


def first_seeds(trials: "pd.DataFrame", seeds: int | None) -> "pd.DataFrame":
    """Without the final runs beyond the first so many seeds, which wait for the next look; None: all of them."""
    if seeds is None:
        return trials
    final = trials["phase"] == "final"
    chosen = np.sort(trials.loc[final, "seed"].unique())[:seeds]
    return trials[~final | trials["seed"].isin(chosen)]
