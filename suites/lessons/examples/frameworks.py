"""One training twice: derivatives by hand, and by layers that know theirs. Torch, JAX and TensorFlow: the exercise."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import fit, get, network, workload_data

data, net = workload_data("digits-batches", "fundamentals"), network([64, 10], ["softmax"], dtype="float64")
x, y, start = data.x_train.reshape(-1, 64).astype(float), data.y_train.astype(float), net.draw(get("he"))
framework = fit(net, x, y, get("heavy-ball", lr=0.1, beta=0.9), steps=100, params=start).costs
(w, b), v, by_hand = [p.copy() for p in net.views(start).values()], [0, 0], []
for _ in range(100):
    z = x @ w + b
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    by_hand.append(-np.log((p * y).sum(axis=1)).mean())
    error = (p - y) / len(x)
    v = [0.9 * v[0] + x.T @ error, 0.9 * v[1] + error.sum(axis=0)]
    w, b = w - 0.1 * v[0], b - 0.1 * v[1]
plt.semilogy(abs(framework - by_hand) / by_hand + 1e-18, ".")
plt.gca().set(xlabel="step", ylabel="difference of the costs, as a share")
plt.show()
