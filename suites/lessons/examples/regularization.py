"""60 noisy examples and 271 parameters: accuracy on them and on 2,000 new ones."""

import matplotlib.pyplot as plt
from sklearn.datasets import make_moons

from optbench import fit, get, network

(x, y), (x_new, y_new) = (make_moons(n, noise=0.35, random_state=k) for k, n in enumerate((60, 2000)))
found = {}
ways = {"nothing": ([], []), "L2": ([get("l2", strength=0.01)], []), "dropout": ([], [get("dropout", keep=0.7)])}
for name, (penalty, extra) in ways.items():
    net = network([2, 20, 10, 1], ["relu", "relu", "sigmoid"], extras=extra)
    start = net.draw(get("he"), seed=1)
    trained = fit(net, x, y, get("adam", lr=0.01), steps=800, params=start, penalties=penalty)
    found[name] = trained.accuracy(x, y), trained.accuracy(x_new, y_new)
plt.plot(found.keys(), found.values(), "o", label=["training examples", "new examples"])
plt.gca().set(ylabel="accuracy")
plt.legend()
plt.show()
