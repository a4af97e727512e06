"""`python -m optbench_tensorflow`: what the bridge itself costs a step, for networks of three sizes."""

from itertools import pairwise

import numpy as np

from optbench import Layout
from optbench_tensorflow.bridge import seconds


def main() -> None:
    for widths in ((64, 64, 32, 10), (784, 300, 10), (784, 1000, 1000, 10)):
        shapes: dict[str, tuple[int, ...]] = {}
        for number, (inputs, outputs) in enumerate(pairwise(widths)):
            shapes |= {f"w{number}": (inputs, outputs), f"b{number}": (outputs,)}
        layout = Layout.of(shapes)
        taken = seconds(np.zeros(layout.size, np.float32), layout)
        print(f"{layout.size:>9,} parameters, {len(layout)} tensors: {1e6 * taken:7.0f} us a step")


if __name__ == "__main__":
    main()
