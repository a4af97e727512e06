"""Five optimizers, each with the best of five rates: what a step of each is worth."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import fit, get, minibatches, network, workload_data

data, net = workload_data("digits-optimizers", "fundamentals"), network([64, 64, 32, 10], ["relu", "relu", "softmax"])
x, y = data.x_train.reshape(-1, 64), data.y_train
for name in ("sgd", "momentum", "rmsprop", "adam", "adagrad"):
    rates = np.array([0.01, 0.03, 0.1, 0.3, 1.0]) * (1 if name in ("sgd", "momentum") else 0.1)
    found = {}
    for rate in rates:
        start, batches = net.draw(get("he")), minibatches(len(x), 64)
        found[rate] = fit(net, x, y, get(name, lr=rate), steps=150, params=start, batches=batches).costs
    best = min(found, key=lambda rate: found[rate][-20:].mean())
    plt.semilogy(np.convolve(found[best], np.ones(10) / 10, "valid"), label=f"{name}, rate {best:g}")
plt.gca().set(xlabel="step", ylabel="cost, mean of ten mini-batches")
plt.legend()
plt.show()
