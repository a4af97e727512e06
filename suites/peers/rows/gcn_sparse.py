"""A full-batch step of a graph convolutional network on 500 nodes: ours and torch's matrix of the graph is sparse."""

from optbench.builtin.datasets.block_model import StochasticBlockModel
from optbench.builtin.networks.graph import GCN
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(StochasticBlockModel(nodes=500, blocks=7, features=64), GCN(width=16), batch=1)
TITLE = "full-batch step of a GCN 64-16-7 on 500 nodes with 8 edges each, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.10, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.45, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 50,
)
