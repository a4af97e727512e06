"""A step of an MLP mixer of two blocks."""

from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.networks.mlp_mixer import MLPMixer
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(Mnist5k(), MLPMixer(depth=2, width=32, patch=7), batch=64)
TITLE = "step of an MLP mixer, 2 blocks of 32 units, 16 patches of 28x28 MNIST, batch 64, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.75, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.9, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 10,
    # See the row of the transformer.
    tolerance=0.1,
    slot=0.1,
    rounds=31,
)
