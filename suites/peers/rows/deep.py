"""A step of a deep and narrow network: many small operations."""

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.networks.mlp import MLP
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours
from peers.work import Work

WORK = Work(Digits(), MLP(hidden=(64,) * 8), batch=64)
TITLE = "step, 64, eight hidden layers of 64, 10, batch 64, Adam"

FAMILY = Family(
    rows=(Row(TITLE, "JAX jit of the whole step", 1.0, under="jax", needs=("jax", "optax")),),
    makers={"ours": ours(WORK), "jax": jax_jit(WORK)},
    check_steps=one_epoch(WORK),
    # Adam's first steps have the size of the rate wherever a gradient is not 0: rounding decides some signs.
    tolerance=0.01,
)
