"""Dropout's masks by hand: a generator that draws what was given."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError
from optbench.contract.layer import memory, unfolded
from optbench.nn.dropout import Dropout
from optbench.nn.network import Network


class Masks:
    """Stands for the generator of a step, which each dropout layer asks for uniform numbers once, in their order.

    What is to be kept gets 0, which lies below any share that a layer keeps, and what is to be dropped 1.
    """

    def __init__(self, network: Network):
        self.count = sum(isinstance(layer, Dropout) for layer in unfolded(network.layers))
        self.left: Iterator[tuple[int, np.ndarray]] = iter(())

    def give(self, masks: Sequence[np.ndarray]) -> None:
        """The masks of the next step: one array (examples, *features) of 0 and 1 a dropout layer."""
        given = [arguments.numbers(f"masks[{k}]", a) for k, a in enumerate(arguments.listed("masks", masks))]
        if len(given) != self.count:
            raise OptbenchError(f"masks: expected one a dropout layer, {self.count}, got {len(given)}")
        for number, mask in enumerate(given):
            if not ((mask == 0) | (mask == 1)).all():
                raise OptbenchError(f"masks[{number}]: expected 0 (dropped) and 1 (kept)")
        self.left = iter(enumerate(given))

    def random(self, dtype: Any, out: np.ndarray) -> np.ndarray:
        """Fill `out`, one trial's activations as they lie in memory: (*features, examples)."""
        number, mask = next(self.left)
        expected = memory(out[None]).shape[1:]
        if mask.shape != expected:
            raise OptbenchError(f"masks[{number}]: expected shape {expected}, got {mask.shape}")
        out[...] = 1 - memory(mask[None])[0]
        return out

    def __getattr__(self, name: str) -> Any:
        raise OptbenchError(f"masks are for dropout: another layer of this network draws numbers, too ({name})")
