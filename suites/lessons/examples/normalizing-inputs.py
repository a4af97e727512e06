"""Features in different units, as they are and standardized, by descent at the best of the same rates."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import fit, get, network, workload_data

data = workload_data("units", "fundamentals")
x, y, net = data.x_train, data.y_train, network([data.x_train.shape[1], 1], ["sigmoid"], dtype="float64")
for name, inputs in (("raw", x), ("standardized", (x - x.mean(axis=0)) / x.std(axis=0))):
    rates = 10.0 ** np.arange(-6, 2)
    fits = {lr: fit(net, inputs, y, get("sgd", lr=lr), steps=200, params=np.zeros(net.layout.size)) for lr in rates}
    best = min(fits, key=lambda lr: fits[lr].cost(inputs, y))
    plt.plot(fits[best].costs, label=f"{name}, best rate {best:g}: accuracy {fits[best].accuracy(inputs, y):.2f}")
plt.gca().set(xlabel="step", ylabel="cost")
plt.legend()
plt.show()
