"""A step of softmax regression: no hidden layer, and almost nothing but calls."""

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.networks.linear import Linear
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours, torch_fused
from peers.work import Work

WORK = Work(Digits(), Linear(), batch=64)
TITLE = "step of softmax regression, 64-10, batch 64, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.15, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.75, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=one_epoch(WORK),
)
