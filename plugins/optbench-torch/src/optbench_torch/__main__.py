"""`python -m optbench_torch`: what the bridge itself costs a step, for each way to see the vector."""

import numpy as np

from optbench import Layout
from optbench_torch.overhead import seconds
from optbench_torch.spec import Spec

#: the digits' network of the suite "quick": 6,570 parameters in 6 tensors
LAYOUT = Layout.of({"0.W": (64, 64), "0.b": (64,), "1.W": (64, 32), "1.b": (32,), "2.W": (32, 10), "2.b": (10,)})
WAYS = {
    "one flat tensor (torch/adam and other elementwise methods)": {"flat"},
    "6 tensors that share memory (most)": set(),
    "6 tensors, copied there and back (pytorch-optimizer/adamp)": {"copy"},
    "6 tensors, chance seeded (pytorch-optimizer/spam)": {"random"},
    "one flat tensor and a closure (torch/lbfgs)": {"flat", "closure"},
    "a class of a user's own": {"copy", "random"},
}


def main() -> None:
    params = np.zeros(LAYOUT.size, np.float32)
    for way, flags in WAYS.items():
        spec = Spec("torch.optim:SGD", {}, flags=frozenset(flags))
        print(f"{1e6 * seconds(spec, params, LAYOUT, rounds=21):6.1f} us  {way}")


if __name__ == "__main__":
    main()
