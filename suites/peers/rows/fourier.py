"""A step of an MLP on random Fourier features of a photograph's coordinates."""

from optbench.builtin.datasets.photograph import Photograph
from optbench.builtin.networks.fourier_mlp import FourierMLP
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(Photograph(), FourierMLP(waves=64, hidden=(64, 64)), batch=256)
TITLE = "step of an MLP on 64 Fourier features, 2-128-64-64-3, batch 256, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.5, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.9, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 20,
    tolerance=0.01,
)
