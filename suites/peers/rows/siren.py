"""A step of a network of sines on the colours of a photograph."""

from optbench.builtin.datasets.photograph import Photograph
from optbench.builtin.networks.siren import Siren
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(Photograph(), Siren(hidden=(64, 64, 64)), batch=256)
TITLE = "step of a SIREN, 2-64-64-64-3, batch 256, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.7, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.9, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 10,
    # Sines of large angles: float32 rounds them differently in each library.
    tolerance=0.05,
)
