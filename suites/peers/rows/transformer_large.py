"""A step of a transformer of two blocks on characters."""

from optbench.builtin.datasets.text import TextCharacters
from optbench.builtin.networks.transformer import Transformer
from peers.rows.base import Family, Row
from peers.rows.makers import jax_jit, ours, torch_fused
from peers.work import Work

WORK = Work(TextCharacters(length=64, vocabulary=64), Transformer(depth=2, width=64, heads=4), batch=16)
TITLE = "step of a transformer, 2 blocks of 64 units, 4 heads, 64 characters of 64, batch 16, Adam"

FAMILY = Family(
    rows=(
        Row(TITLE, "torch eager, Adam fused", 0.75, under="torch fused", needs=("torch",)),
        Row(TITLE, "JAX jit of the whole step", 0.92, under="jax", needs=("jax", "optax")),
    ),
    makers={"ours": ours(WORK), "torch fused": torch_fused(WORK), "jax": jax_jit(WORK)},
    check_steps=lambda: 10,
    # See the row of one block.
    tolerance=0.1,
    slot=0.2,
    rounds=21,
)
