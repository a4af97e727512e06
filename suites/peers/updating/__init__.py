"""Families of the comparison of updates alone: one for each built-in optimizer and each of three networks."""

from collections.abc import Callable
from functools import partial

from peers.rows.base import Family, Row
from peers.timing import Contender
from peers.updating.cases import CASES, Case
from peers.updating.networks import NETWORKS, layout
from peers.updating.ours import OurUpdate

#: update-adam-235k, say
FAMILIES = tuple(f"update-{name}-{size}" for name in CASES for size in NETWORKS)


def family(name: str) -> Family:
    optimizer, size = name.removeprefix("update-").rsplit("-", 1)
    case, where = CASES[optimizer], layout(size)
    title = f"{optimizer}, {where.size:,} parameters"
    peers = case.peers(size)

    def in_periods(make: Callable[[], Contender]) -> Callable[[], Contender]:
        def made() -> Contender:
            contender = make()
            contender.granule = case.period
            return contender

        return made

    return Family(
        rows=tuple(Row(title, peer.title, peer.reach, under=peer.title, needs=peer.needs) for peer in peers),
        makers={
            "ours": in_periods(lambda: OurUpdate(case.ours, where, case.curved)),
            **{peer.title: in_periods(partial(peer.make, where, case.curved)) for peer in peers},
        },
        unit="update",
        rounds=case.rounds,
        check_steps=lambda: 10 if case.same else 0,
    )


__all__ = ["CASES", "FAMILIES", "Case", "family"]
