"""A step of a network of MNIST's size: mostly matrix products and the update."""

from optbench.builtin.datasets.mnist_5k import Mnist5k
from optbench.builtin.networks.mlp import MLP
from peers.products import Products
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours, torch_fused
from peers.work import Work

WORK = Work(Mnist5k(), MLP(hidden=(256, 128)), batch=128)
TITLE = "step, 784-256-128-10, batch 128, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.8, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 1.0, under="jax", needs=("jax", "optax")),
        Row(f"the matrix products alone of: {TITLE}", "our whole step", 0.75, over="products", at_least=True),
    ),
    makers={
        "ours": ours(WORK),
        "products": lambda: Products(WORK),
        "torch fused": torch_fused(WORK),
        "jax": jax_jit(WORK),
    },
    check_steps=one_epoch(WORK),
    tolerance=0.01,
    alone=("products",),
)
