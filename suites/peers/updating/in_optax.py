"""An update by optax, jitted, on a network's own tensors."""

from typing import Any

import jax
import numpy as np
import optax

from optbench.contract.layout import Layout
from peers.timing import Contender, clock
from peers.updating.networks import GRADIENTS, Gradients


class OptaxUpdate(Contender):
    """The update and its application in one compiled call, which may write over what it got."""

    def __init__(self, name: str, settings: dict[str, Any], layout: Layout):
        gradients = Gradients(layout.size)
        self.layout = layout
        self.tensors = self.split(gradients.start)
        self.noise = [self.split(noise) for noise in gradients.noise]
        transform = getattr(optax, name)(**settings)
        self.state, self.number = transform.init(self.tensors), 0
        self.note = f"optax {optax.__version__}: {name}, jit"

        def update(tensors: Any, grads: Any, state: Any) -> Any:
            changes, state = transform.update(grads, state, tensors)
            return optax.apply_updates(tensors, changes), state

        self.update = jax.jit(update, donate_argnums=(0, 2))

    def split(self, vector: np.ndarray) -> list[jax.Array]:
        return [jax.numpy.array(v) for v in self.layout.views(vector).values()]

    def run(self, steps: int) -> float:
        start = clock()
        for _ in range(steps):
            self.tensors, self.state = self.update(self.tensors, self.noise[self.number % GRADIENTS], self.state)
            self.number += 1
        jax.block_until_ready(self.tensors)
        return clock() - start

    def parameters(self) -> np.ndarray:
        return np.concatenate([np.asarray(t).reshape(-1) for t in self.tensors])
