"""Four numbers, and what softmax and hardmax make of them; softmax comes close to hardmax as they grow."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import hardmax

z = np.array([5.0, 2.0, -1.0, 3.0])
for k, scale in enumerate((0.1, 1.0, 10.0)):
    p = np.exp(scale * (z - z.max()))  # the largest subtracted first: nothing overflows
    plt.bar(np.arange(4) + 0.2 * k, p / p.sum(), 0.2, label=f"softmax of {scale:g} z")
plt.bar(np.arange(4) + 0.6, hardmax(z[None])[0], 0.2, color="black", label="hardmax")
plt.xticks(np.arange(4) + 0.3, [f"{value:g}" for value in z])
plt.gca().set(xlabel="z", ylabel="share")
plt.legend()
plt.show()
