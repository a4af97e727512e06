"""A step of an MLP on the vectors of two categories, whose gradients are added up row by row."""

from optbench.builtin.datasets.clicks import Clicks
from optbench.builtin.networks.dlrm import DLRM
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours, torch_fused
from peers.work import Work

WORK = Work(
    Clicks(categories=(1000, 1000), values=0), DLRM(embedding=16, top=(64,), interaction="cat"), batch=256
)
TITLE = "step of a recommender, two tables of 1000 x 16, MLP 32-64-1, batch 256, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.23, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.72, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=one_epoch(WORK),
)
