"""A step of a physics-informed network: the gradient of a loss on second derivatives."""

from optbench.builtin.datasets.forcing import Forcing
from optbench.builtin.networks.physics import PhysicsInformed
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(Forcing(), PhysicsInformed(hidden=(32, 32, 32)), batch=128)
TITLE = "step of a physics-informed network, Poisson's equation, 1-32-32-32-1, batch 128, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.1, under="torch fused", needs=("torch",)),
        Row(TITLE, "torch eager, derivatives carried along as ours", 0.3, under="torch carried", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.9, under="jax", needs=("jax", "optax")),
    ),
    makers={
        "ours": ours(WORK),
        "torch fused": torch_fused(WORK),
        "torch carried": torch_fused(WORK, carried=True),
        "jax": jax_jit(WORK),
    },
    check_steps=lambda: 20,
    tolerance=0.01,
)
