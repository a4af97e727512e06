"""A step of a residual network with batch norm: many small operations, and both ways of each block."""

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.networks.residual_mlp import ResidualMLP
from optbench.builtin.normalizers.batch_norm import BatchNormalization
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours, torch_fused
from peers.work import Work

WORK = Work(Digits(), ResidualMLP(width=64, blocks=8), batch=64, normalizers=(BatchNormalization(),))
TITLE = "step of a residual MLP, 8 blocks of 64 with batch norm, batch 64, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.30, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.80, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=one_epoch(WORK),
    # Adam's first steps have the size of the rate wherever a gradient is not 0, and that of a bias before a batch norm
    # is rounding alone.
    tolerance=0.05,
)
