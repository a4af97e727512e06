"""A generator that gives all coordinates the same: whether a method that draws numbers asks for more than these."""

from typing import Any

import numpy as np


class Alike(np.random.Generator):
    """Every array holds one number, which is that of all calls with these settings, whatever their order and shape.

    hidden   whether it was asked for what this cannot be said of: a choice of places, or whole numbers one by one,
             which may be places or another generator's seed
    """

    def __init__(self, seed: int = 0):
        bits = np.random.PCG64(seed)
        super().__init__(bits)
        self._bits, self._first = bits, bits.state
        self.hidden = False

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or name == "hidden":
            return found
        if not callable(found):  # the bit generator
            self.hidden = True
            return found

        def alike(*args: Any, **settings: Any) -> Any:
            self._bits.state = self._first
            drawn = found(*args, **settings)
            places = name in ("bytes", "choice", "permutation", "permuted", "shuffle", "spawn")
            if places or (name == "integers" and not isinstance(drawn, np.ndarray)):
                self.hidden = True
            elif isinstance(drawn, np.ndarray) and drawn.size:
                drawn[...] = drawn.flat[0]
            return drawn

        return alike
