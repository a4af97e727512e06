"""Ten passes over the same examples, all at once and in mini-batches: which is further after each pass?"""

import matplotlib.pyplot as plt
import numpy as np

from optbench import fit, get, minibatches, network, workload_data

data, net = workload_data("digits-batches", "fundamentals"), network([64, 32, 10], ["relu", "softmax"])
x, y = data.x_train.reshape(-1, 64), data.y_train
for size in (64, 256, len(x)):
    steps, batches = -(-len(x) // size), minibatches(len(x), size)  # so many steps are one pass
    trained = fit(net, x, y, get("sgd", lr=0.1), steps=10 * steps, params=net.draw(get("he")), batches=batches)
    plt.plot(np.arange(10 * steps) / steps, trained.costs, label=f"{size} examples a step, {steps} steps a pass")
plt.gca().set(xlabel="passes over the data", ylabel="cost of the mini-batch", yscale="log")
plt.legend()
plt.show()
