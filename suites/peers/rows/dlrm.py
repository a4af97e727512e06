"""A step of DLRM: two MLPs, and products of vectors between them."""

from optbench.builtin.datasets.clicks import Clicks
from optbench.builtin.networks.dlrm import DLRM
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours, torch_fused
from peers.work import Work

WORK = Work(Clicks(), DLRM(), batch=256)
TITLE = "step of DLRM, 4 tables of 16 units, MLPs 4-32-16 and 26-64-32-1, batch 256, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.30, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.75, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=one_epoch(WORK),
)
