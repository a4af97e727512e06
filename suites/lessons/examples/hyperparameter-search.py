"""What Adam's rate is worth between 0.0001 and 1, and the best of nine rates drawn on a linear and on a log scale."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import fit, get, minibatches, network, workload_data

data, net = workload_data("digits-search", "fundamentals"), network([64, 32, 10], ["relu", "softmax"])
x, y, tried, found = data.x_train.reshape(-1, 64), data.y_train, np.linspace(-4, 0, 17), []
for adam in (get("adam", lr=rate) for rate in 10**tried):
    trained = fit(net, x, y, adam, steps=100, params=net.draw(get("he")), batches=minibatches(len(x), 64))
    found.append(trained.accuracy(data.x_validation.reshape(-1, 64), data.y_validation))
plt.plot(tried, found, "ko-")
draws = np.random.default_rng(0).uniform(size=(2, 1000, 9))  # 1,000 searches on either scale
for name, exponents in (("linear", np.log10(1e-4 + (1 - 1e-4) * draws[0])), ("log", -4 + 4 * draws[1])):
    best = np.interp(exponents, tried, found).max(axis=1).mean()
    plt.plot(exponents[0], 9 * [0.1 if name == "log" else 0.05], "|", ms=12, label=f"{name}: best of nine {best:.3f}")
plt.gca().set(xlabel="logarithm of the rate", ylabel="validation accuracy")
plt.legend()
plt.show()
