"""Groups that are told apart, from the words on all pairs: "sgd, adam < momentum", where no ranking can be had.

Not being told apart is no equality and not transitive: a may be level with b, and b with c, while a is ahead of c. Two
candidates are in one group where a chain of such pairs leads from one to the other (the connected components of what
is not told apart). So everybody in a group is ahead of everybody in each later one, and that is all that the groups
say; what is known within them stands in `within`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from optbench.statistics.versus import Comparison

AHEAD = ("faster", "better")
BEHIND = ("slower", "worse")


@dataclass(frozen=True)
class Groups:
    """order    groups of names, the best first; within a group in the order in which they were given
    within   pairs (ahead, behind) of one group that are told apart all the same
    equal    pairs that are equal within the margin
    """

    order: list[list[str]]
    within: list[tuple[str, str]]
    equal: list[tuple[str, str]]

    def __str__(self) -> str:
        return " < ".join(", ".join(group) for group in self.order)


def groups(names: Sequence[str], comparisons: Sequence[Comparison]) -> Groups:
    """From the words on pairs of `names`; a pair without a word is not told apart."""
    ahead = {(c.candidate, c.against) for c in comparisons if c.word in AHEAD}
    ahead |= {(c.against, c.candidate) for c in comparisons if c.word in BEHIND}
    parts = _sorted([[name] for name in names], names, ahead)
    while (joined := _first_not_apart(parts, ahead)) is not None:
        i, j = joined
        parts[i] += parts.pop(j)
        parts = _sorted(parts, names, ahead)
    place = {name: i for i, name in enumerate(names)}
    order = [sorted(part, key=place.__getitem__) for part in parts]
    inside = [(a, b) for a, b in sorted(ahead, key=lambda pair: (place[pair[0]], place[pair[1]])) if _same(order, a, b)]
    level = [(c.candidate, c.against) for c in comparisons if c.word == "equal"]
    return Groups(order, inside, level)


def _sorted(parts: list[list[str]], names: Sequence[str], ahead: set[tuple[str, str]]) -> list[list[str]]:
    """By how many outside each is ahead of, which puts groups in order that are wholly apart: any member does."""
    return sorted(parts, key=lambda part: -sum((part[0], name) in ahead for name in names if name not in part))


def _first_not_apart(parts: list[list[str]], ahead: set[tuple[str, str]]) -> tuple[int, int] | None:
    """The first two groups of which not all of the earlier are ahead of all of the later."""
    for i, j in combinations(range(len(parts)), 2):
        if not all((x, y) in ahead for x in parts[i] for y in parts[j]):
            return i, j
    return None


def _same(order: list[list[str]], a: str, b: str) -> bool:
    return any(a in group and b in group for group in order)
