"""A step of a graph isomorphism network on small graphs, each with a matrix of its own."""

from optbench.builtin.datasets.random_graphs import RandomGraphs
from optbench.builtin.networks.graph import GIN
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(RandomGraphs(samples=2000), GIN(width=16), batch=64)
TITLE = "step of a GIN, two sums over neighbours and four layers of 16, 64 graphs of 16 nodes, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.5, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.9, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 20,
    tolerance=0.01,
)
