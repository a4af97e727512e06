"""A step of a deep autoencoder, small: little but calls."""

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.datasets.reconstruction import Reconstruction
from optbench.builtin.networks.autoencoder import Autoencoder
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours, torch_fused
from peers.work import Work

WORK = Work(Reconstruction(Digits()), Autoencoder(hidden=(128, 64), code=12), batch=64)
TITLE = "step of an autoencoder, 64-128-64-12-64-128-64, batch 64, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.29, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.73, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=one_epoch(WORK),
    # Adam's first steps have the size of the rate wherever a gradient is not 0: rounding decides some signs.
    tolerance=0.01,
)
