"""Gradients that only change sign, small ones and large ones: what 1,000 steps of decay leave of a weight of 1."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import descend, get

sizes = 10.0 ** np.arange(-2, 3)
signs = np.tile([1.0, -1.0], 500)
penalized, decayed = [], []
for size in sizes:
    each = iter(size * signs)
    penalized.append(descend(get("adam"), [1.0], lambda w, each=each: next(each) + 0.1 * w, steps=1000)[-1, 0])
    decayed.append(descend(get("adamw", decay=0.1), [1.0], size * signs[:, None])[-1, 0])
plt.semilogx(sizes, penalized, "o-", label="Adam with an L2 penalty of 0.1")
plt.semilogx(sizes, decayed, "s-", label="AdamW with a decay of 0.1")
plt.gca().set(xlabel="size of the gradients", ylabel="weight at the end")
plt.legend()
plt.show()
