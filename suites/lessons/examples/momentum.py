"""The same ravine, the same rate: descent and momentum."""

import matplotlib.pyplot as plt
import numpy as np

from optbench import descend, get

ravine = get("quadratic", condition=100.0, dimension=2, rotated=False)
for optimizer in (get("sgd", lr=1.9), get("momentum", lr=1.9, beta=0.9)):
    path = descend(optimizer, [1.0, 1.0], ravine, steps=60)
    turns = (np.diff(np.sign(np.diff(path, axis=0)), axis=0) != 0).mean()
    plt.plot(*path.T, ".-", label=f"{optimizer.name}: turns back in {turns:.2f} of its steps")
plt.plot(0, 0, "k*", label="minimum")
plt.ylim(-0.05, 1.6)
plt.legend(loc="upper right")
plt.show()
