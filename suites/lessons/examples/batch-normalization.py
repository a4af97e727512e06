"""Three layers of 100 sigmoid units, with and without batch norm, at a small rate and at a large one."""

import matplotlib.pyplot as plt

from optbench import fit, get, minibatches, network, workload_data

data = workload_data("digits-sigmoid", "fundamentals")
x, y = data.x_train.reshape(-1, 64), data.y_train
for name, extras, style in (("without", [], "--"), ("with batch norm", [get("batch-norm")], "-")):
    net = network([64, 100, 100, 100, 10], ["sigmoid", "sigmoid", "sigmoid", "softmax"], extras=extras)
    for k, rate in enumerate((0.1, 1.0)):
        start, batches = net.draw(get("glorot-uniform")), minibatches(len(x), 60)
        trained = fit(net, x, y, get("sgd", lr=rate), steps=300, params=start, batches=batches)
        label = f"{name}, rate {rate}: accuracy {trained.accuracy(x, y):.2f}"
        plt.plot(trained.costs, style, color=f"C{k}", label=label)
plt.gca().set(xlabel="step", ylabel="cost of the mini-batch")
plt.legend()
plt.show()
