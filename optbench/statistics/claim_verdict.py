"""What the data say of a claim."""

from dataclasses import dataclass
from typing import Literal

Word = Literal["supported", "refuted", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """What the data say of a claim.

    effect, low, high   the mean paired difference with its 95 % interval, positive as claimed; NaN where there is none
    seeds               pairs (of studies, where the claim compares those); of several workloads, those of the least
    unit                of the effect: steps, gradients, epochs, seconds, accuracy, r2, loss, relative, or nothing
    reason              why undecided, or what else to know: empty where there is nothing
    """

    verdict: Word
    effect: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    seeds: int = 0
    unit: str = ""
    reason: str = ""


class Unable(Exception):
    """Why a claim cannot be judged."""
