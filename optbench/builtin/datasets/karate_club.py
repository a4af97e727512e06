"""Zachary's karate club: the small graph that everybody knows."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optbench.contract.dataset import Data, Dataset

MEMBERS = 34
#: by member, counted from 1, those with higher numbers that it met outside the club (Zachary 1977, figure 2)
TIES: dict[int, tuple[int, ...]] = {
    1: (2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 18, 20, 22, 32),
    2: (3, 4, 8, 14, 18, 20, 22, 31),
    3: (4, 8, 9, 10, 14, 28, 29, 33),
    4: (8, 13, 14),
    5: (7, 11),
    6: (7, 11, 17),
    7: (17,),
    9: (31, 33, 34),
    10: (34,),
    14: (34,),
    15: (33, 34),
    16: (33, 34),
    19: (33, 34),
    20: (34,),
    21: (33, 34),
    23: (33, 34),
    24: (26, 28, 30, 33, 34),
    25: (26, 28, 32),
    26: (32,),
    27: (30, 34),
    28: (34,),
    29: (32, 34),
    30: (33, 34),
    31: (33, 34),
    32: (33, 34),
    33: (34,),
}
#: who went with the instructor; the others stayed with the officers
INSTRUCTOR = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 17, 18, 20, 22)


@dataclass(frozen=True)
class KarateClub(Dataset):
    """34 members of a club, 78 friendships, and which of two clubs each joined when it split.

    x   the identity (34, 34): a member has no features but itself, so that all is learned along edges
    y   0: the instructor's club, 1: that of the officers
    """

    name = "karate-club"
    task = "nodes"
    reference = "Zachary 1977, An information flow model for conflict and fission in small groups"
    source: ClassVar[str] = "transcribed from Zachary 1977; facts, no licence needed"

    def load(self, rng: np.random.Generator) -> Data:
        edges = np.array([(member, other) for member, others in TIES.items() for other in others]) - 1
        y = np.ones(MEMBERS, dtype=np.int64)
        y[np.array(INSTRUCTOR) - 1] = 0
        return Data(np.eye(MEMBERS), y, {"source": self.source}, edges=edges)
