"""What a row is: two contenders, the ratio of their seconds, and the reach of that ratio."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from peers.timing import SLOT, WARM_UP, Contender, interleaved

Samples = dict[str, list[float]]


@dataclass(frozen=True)
class Row:
    """`work` done by us, `against` a peer: seconds of `over` by seconds of `under`.

    over, under   names of contenders in the row's family, or of what its `derive` makes of them
    reach         the ratio to reach: to stay at or below it, or at or above it where `at_least`
    needs         the modules that the peer is in
    """

    work: str
    against: str
    reach: float
    over: str = "ours"
    under: str = "ours"
    at_least: bool = False
    needs: tuple[str, ...] = ()

    def reached(self, value: float) -> bool:
        return value >= self.reach if self.at_least else value <= self.reach


@dataclass(frozen=True)
class Family:
    """Rows on one work, whose contenders take turns in one process.

    makers     how each contender is made, by name
    unit       what a time is given for
    derive     further samples from the measured ones
    given      the samples of a family that measures otherwise, without contenders
    rounds     at most so many, where one takes long
    slot, warm_up     seconds of a contender's turn, and before the first
    turns      so many times the rounds that were asked for, where turns are short
    pinned     run on one processor only
    check_steps   of --check: steps that all contenders make from the same weights on the same batches; 0: they do
                  not train the same
    checkers      contenders that are made otherwise for --check
    alone         contenders that train nothing, or not quite the same
    tolerance     of --check: how far parameters may lie from ours, relative to how far ours moved
    """

    rows: tuple[Row, ...]
    makers: Mapping[str, Callable[[], Contender]]
    unit: str = "step"
    derive: Callable[[Samples], Samples] = lambda samples: {}
    given: tuple[str, ...] = ()
    rounds: int = 1000
    slot: float = SLOT
    warm_up: float = WARM_UP
    turns: int = 1
    pinned: bool = True
    check_steps: Callable[[], int] = lambda: 0
    checkers: Mapping[str, Callable[[], Contender]] = field(default_factory=dict)
    tolerance: float = 1e-3
    alone: tuple[str, ...] = ()

    def measure(self, names: list[str], rounds: int) -> tuple[Samples, dict[str, str]]:
        """Seconds of these contenders in each round, and their notes."""
        contenders = {name: self.makers[name]() for name in names}
        try:
            samples = interleaved(contenders, self.turns * min(rounds, self.rounds), self.slot, self.warm_up)
        finally:
            for contender in contenders.values():
                contender.close()
        return {**samples, **self.derive(samples)}, {name: c.note for name, c in contenders.items()}

    def check(self, names: list[str]) -> dict[str, float]:
        """How far each contender's parameters lie from ours after the same steps, relative to how far ours moved."""
        found: dict[str, float] = {}
        steps = self.check_steps()
        if not steps:
            return found
        ours = self.makers["ours"]()
        start = ours.parameters().astype(np.float64)
        ours.run(steps)
        end = ours.parameters().astype(np.float64)
        for name in names:
            if name not in ("ours", *self.alone):
                other = self.checkers.get(name, self.makers[name])()
                other.run(steps)
                found[name] = float(np.linalg.norm(other.parameters() - end) / np.linalg.norm(end - start))
        return found
