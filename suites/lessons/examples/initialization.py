"""The same network and the same mini-batches from zero, large and He's weights."""

import matplotlib.pyplot as plt

from optbench import fit, get, minibatches, network, workload_data

data, net = workload_data("digits-start", "fundamentals"), network([64, 64, 32, 10], ["relu", "relu", "softmax"])
x, y = data.x_train.reshape(-1, 64), data.y_train
for first in (get("zeros"), get("large-normal", std=1.0), get("he")):
    batches = minibatches(len(x), 64)
    trained = fit(net, x, y, get("sgd", lr=0.1), steps=200, params=net.draw(first), batches=batches)
    plt.plot(trained.costs, label=f"{first.name}: training accuracy {trained.accuracy(x, y):.2f}")
plt.gca().set(xlabel="step", ylabel="cost of the mini-batch", yscale="log")
plt.legend()
plt.show()
