"""A step of a deep autoencoder, of MNIST's size: mostly products and the update."""

from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.datasets.reconstruction import Reconstruction
from optbench.builtin.networks.autoencoder import Autoencoder
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours, torch_fused
from peers.work import Work

WORK = Work(Reconstruction(Mnist5k()), Autoencoder(hidden=(256, 64), code=16), batch=128)
TITLE = "step of an autoencoder, 784-256-64-16-64-256-784, batch 128, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.78, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.95, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    slot=0.03,
    rounds=51,
    check_steps=one_epoch(WORK),
    # Adam's first steps have the size of the rate wherever a gradient is not 0: rounding decides some signs.
    tolerance=0.01,
)
