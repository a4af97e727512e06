"""A step of matrix factorization: almost nothing but looking up and adding up."""

from optbench.builtin.datasets.ratings import Ratings
from optbench.builtin.networks.matrix_factorization import MatrixFactorization
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours, torch_fused
from peers.work import Work

WORK = Work(Ratings(users=1000, items=1000), MatrixFactorization(embedding=16), batch=256)
TITLE = "step of matrix factorization, 1000 users and items, rank 16, batch 256, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.30, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.75, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=one_epoch(WORK),
)
