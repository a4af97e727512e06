"""Two coordinates, one a thousand times as steep as the other: how far each is from the minimum."""

import matplotlib.pyplot as plt

from optbench import descend, get

bowl = get("quadratic", condition=1000.0, dimension=2, rotated=False)
for optimizer, style in ((get("sgd", lr=1.9), "--"), (get("rmsprop", lr=0.01, beta=0.9), "-")):
    path = abs(descend(optimizer, [1.0, 1.0], bowl, steps=140))
    for k in (0, 1):
        plt.semilogy(path[:, k] + 1e-6, style, color=f"C{k}", label=f"{optimizer.name}, coordinate {k + 1}")
plt.gca().set(xlabel="step", ylabel="distance from the minimum")
plt.legend()
plt.show()
