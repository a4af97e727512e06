"""A step of a small residual network of convolutions with batch norm, strides and projections."""

from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.networks.resnet import ResNet
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_faster, torch_fused
from peers.work import Work

WORK = Work(Mnist5k(), ResNet(channels=(8, 16, 32)), batch=64)
TITLE = "step of a ResNet, 28x28 MNIST, 8, 16 and 32 channels, batch 64, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager", 0.72, under="torch", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.78, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch": torch_faster(WORK, pooled_first=True), "jax": jax_jit(WORK)},
    checkers={"torch": torch_fused(WORK)},
    check_steps=lambda: 10,
    # Adam's first steps have the size of the rate wherever a gradient is not 0, and that of a bias before a batch norm
    # is rounding alone.
    tolerance=0.1,
    slot=0.1,
    rounds=31,
)
