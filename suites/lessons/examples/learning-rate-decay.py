"""Descent by noisy gradients at a constant rate, and at rates that fall: how near to the minimum it ends."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import descend, get

sgd, noise = get("sgd", lr=0.5), np.random.default_rng(0).normal(0, 1, (300, 200))
for schedule in (get("constant", kind="schedule"), get("inverse-sqrt-step"), get("cosine")):
    each = iter(noise)  # the same noise for all, for 200 descents at once
    path = descend(sgd, np.full(200, 5.0), lambda w, each=each: w + next(each), steps=300, schedule=schedule)
    plt.semilogy(np.sqrt((path**2).mean(axis=1)), label=schedule.name)
plt.gca().set(xlabel="step", ylabel="root of the mean squared distance")
plt.legend()
plt.show()
