"""`python -m optbench_optax`: what the bridge itself costs a step, for networks of three sizes."""

import itertools

import numpy as np

from optbench import Layout
from optbench_optax.bridge import Idle


def main() -> None:
    for widths in ((64, 64, 32, 10), (784, 300, 10), (784, 1000, 1000, 10)):
        shapes: dict[str, tuple[int, ...]] = {}
        for number, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
            shapes |= {f"w{number}": (inputs, outputs), f"b{number}": (outputs,)}
        layout = Layout.of(shapes)
        seconds = Idle().bridge_seconds(np.zeros(layout.size, np.float32), layout)
        print(f"{layout.size:>9,} parameters, {len(layout)} tensors: {1e6 * seconds:7.0f} us a step")


if __name__ == "__main__":
    main()
