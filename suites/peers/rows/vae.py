"""A step of a variational autoencoder; each draws its latent variables by its own generator."""

from optbench.builtin.datasets.digits import Digits
from optbench.builtin.datasets.reconstruction import Reconstruction
from optbench.builtin.networks.vae import VAE
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(Reconstruction(Digits()), VAE(hidden=(128, 64), latent=8), batch=64)
TITLE = "step of a VAE, 64-128-64-8-64-128-64, batch 64, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.3, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.9, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    checkers={
        "torch fused": torch_fused(WORK, our_noise=True),
        "jax": jax_jit(WORK, our_noise=True),
    },
    check_steps=lambda: 20,
    # Adam's first steps have the size of the rate wherever a gradient is not 0: rounding decides some signs.
    tolerance=0.01,
)
