"""Looking at the data before all of it is there: how much of alpha each look may spend.

A test at 5 % that is made after 6, 9, 14, 20 … seeds, until it says something, is wrong in far more than 5 % of cases.
With a spending function (Lan and DeMets 1983, Biometrika 70:659) the looks so far have spent f(t) of alpha, at the
share t of the planned seeds; f(1) = alpha, however many looks there are:

    pocock            alpha log(1 + (e - 1) t)                    early looks count: large differences end soon
    obrien-fleming    2 - 2 Phi(z(1 - alpha / 2) / sqrt(t))       early looks hardly count: the last is nearly fixed

of a one-sided test; a two-sided one spends half of its alpha so on either side.

Here also are boundaries for a normal score with independent increments (Armitage, McPherson and Rowe 1969, JRSS A
132:235): what is asked for at each look, and how likely each exit is where there is an effect. Tests on stored pairs
take boundaries from flipped signs instead (`looks`).
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

Spending = Literal["pocock", "obrien-fleming"]
#: nodes of Gauss and Legendre between two boundaries
NODES = 160
#: beyond so many standard errors nothing comes
FAR = 9.0


def spent(share: float, alpha: float, kind: Spending, sides: int = 2) -> float:
    """What looks up to this share of the planned seeds have spent of alpha. ValueError: an unknown kind, or share."""
    from scipy.special import ndtr, ndtri

    if not 0 < share <= 1:
        raise ValueError(f"share: {share}; expected a number above 0 and at most 1")
    if kind == "pocock":
        return float(alpha * np.log1p((np.e - 1) * share))
    if kind == "obrien-fleming":
        return float(2 * sides * ndtr(ndtri(alpha / (2 * sides)) / np.sqrt(share)))
    raise ValueError(f"spending: {kind!r}; expected pocock or obrien-fleming")


def boundaries(shares: ArrayLike, alpha: float, kind: Spending) -> np.ndarray:
    """|z| (looks,) at which a two-sided test of a normal mean stops, at these rising shares of the information."""
    from scipy.optimize import brentq

    rising = np.asarray(shares, dtype=float)
    found: list[float] = []
    before = 0.0
    for look in range(len(rising)):
        now = spent(float(rising[look]), alpha, kind)
        asked = now - before

        def excess(z: float, look: int = look, asked: float = asked) -> float:
            upper, lower = exits(rising[: look + 1], [*found, z])
            return float(upper[-1] + lower[-1] - asked)

        found.append(FAR if excess(FAR) >= 0 else float(brentq(excess, 0.0, FAR, xtol=1e-10)))
        before = now
    return np.array(found)


def exits(shares: ArrayLike, z: ArrayLike, drift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """(upper, lower), each (looks,): the chances to leave at each look above z, or below -z, and not before.

    shares   information at each look, rising, in any unit
    drift    the mean of the score for a unit of information: with shares = 1 / SE^2 it is the effect itself

    The score S(l), normal with mean drift I(l) and variance I(l), grows by independent increments; at a look it leaves
    where |S| >= z sqrt(I). Its density within the boundaries is carried from look to look by quadrature.
    """
    from scipy.special import ndtr

    information = np.asarray(shares, dtype=float)
    scale = np.sqrt(information)
    edge = np.minimum(np.asarray(z, dtype=float), FAR) * scale
    node, weight = _nodes()
    upper, lower = np.zeros(len(edge)), np.zeros(len(edge))
    at, mass, before = np.zeros(1), np.ones(1), 0.0
    for look, (end, now) in enumerate(zip(edge, information, strict=True)):
        step = now - before
        centre, deviation = at + drift * step, np.sqrt(step)
        upper[look] = mass @ ndtr((centre - end) / deviation)
        lower[look] = mass @ ndtr((-end - centre) / deviation)
        inside = end * node
        density = np.exp(-0.5 * ((inside[:, None] - centre) / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))
        at, mass, before = inside, (density @ mass) * weight * end, now
    return upper, lower


@lru_cache(maxsize=1)
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(NODES)
