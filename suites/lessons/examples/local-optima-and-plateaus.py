"""From beside a saddle: the value hardly changes for a long time, then falls, and nobody stays there."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import descend, get


def saddle(w):
    return np.array([w[0], w[1] ** 3 - w[1]])  # of x² / 2 − y² / 2 + y⁴ / 4, which is 0 at the saddle


for optimizer in (get("sgd", lr=0.05), get("momentum", lr=0.05), get("rmsprop", lr=0.05), get("adam", lr=0.05)):
    a, b = descend(optimizer, [1.0, 1e-4], saddle, steps=400).T
    plt.plot(a**2 / 2 - b**2 / 2 + b**4 / 4, label=optimizer.name)
plt.gca().set(xlabel="step", ylabel="value: 0 at the saddle, −0.25 at the minima")
plt.legend()
plt.show()
