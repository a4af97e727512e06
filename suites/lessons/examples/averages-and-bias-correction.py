"""A noisy series and its averages over about ten values, without and with bias correction."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import exponentially_weighted_average

days = np.arange(60)
temperatures = 15 + days / 10 + np.random.default_rng(0).normal(0, 3, 60)
plt.plot(days, temperatures, ".", color="grey", label="temperatures")
for correction, style in ((False, ":"), (True, "-")):
    average = exponentially_weighted_average(temperatures, 0.9, correction)
    plt.plot(days, average, style, label=f"average, {'with' if correction else 'without'} bias correction")
plt.gca().set(xlabel="day")
plt.legend()
plt.show()
