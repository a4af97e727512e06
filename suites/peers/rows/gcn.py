"""A full-batch step of a graph convolutional network on a graph so small that all is calls."""

from optbench.builtin.datasets.karate_club import KarateClub
from optbench.builtin.networks.graph import GCN
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(KarateClub(), GCN(width=16), batch=1)
TITLE = "full-batch step of a GCN 34-16-2 on the 34 nodes of the karate club, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.10, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.45, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 50,
)
