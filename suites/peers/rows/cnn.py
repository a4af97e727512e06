"""What the steps of convolutional networks are compared with: JAX, torch as its users write it, and pooling first."""

from typing import Any

from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, one_epoch, ours, torch_faster, torch_fused
from peers.work import Work


def steps(work: Work, title: str, reach: float, **settings: Any) -> Family:
    """The family of one network's step; `settings` are further ones of `Family`."""
    return Family(
        rows=(
            Row(title, "torch eager", reach, under="torch", needs=("torch",)),
            Row(
                title, "torch eager, pooling before relu as we do", reach,
                under="torch pooled first", needs=("torch",),
            ),
            Row(title, "JAX jit of the whole step", reach, under="jax", needs=("jax", "optax")),
        ),
        makers={
            "ours": ours(work),
            "torch": torch_faster(work, pooled_first=False),
            "torch pooled first": torch_faster(work, pooled_first=True),
            "jax": jax_jit(work),
        },
        checkers={
            "torch": torch_fused(work, pooled_first=False),
            "torch pooled first": torch_fused(work, pooled_first=True),
        },
        check_steps=one_epoch(work),
        **settings,
    )  # fmt: skip
