"""A right gradient and one with a mistake, against difference quotients with larger and smaller steps."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import get, network

net, rng = network([4, 5, 1], ["tanh", "sigmoid"], dtype="float64"), np.random.default_rng(0)
x, y, params = rng.normal(size=(20, 4)), np.arange(20) % 2, net.draw(get("glorot-uniform"), seed=1)
right = net.cost_and_gradient(params, x, y)[1]
wrong = right * np.where(np.arange(right.size) < 5, 2, 1)  # five of its numbers are twice what they should be
widths, norm = 10.0 ** np.arange(-10, 0), np.linalg.norm


def quotients(e):
    costs = [[net.cost_and_gradient(params + s * e * d, x, y)[0] for s in (1, -1)] for d in np.eye(params.size)]
    return np.diff(costs)[:, 0] / (-2 * e)


for name, gradient in (("right", right), ("with a mistake", wrong)):
    approximate = [quotients(e) for e in widths]
    apart = [norm(gradient - q) / (norm(gradient) + norm(q)) for q in approximate]
    plt.loglog(widths, apart, "o-", label=name)
plt.gca().set(xlabel="ε", ylabel="distance, as a share of the lengths")
plt.legend()
plt.show()
