"""A hole in the middle of a plateau, on which the gradient is nearly 0: who gets there?"""

import matplotlib.pyplot as plt
import numpy as np

from optbench import descend, get

plateau = get("plateau", distance=4.0)
for optimizer in (get("sgd", lr=0.5), get("momentum", lr=0.5), get("rmsprop", lr=0.05), get("adam", lr=0.05)):
    path = descend(optimizer, plateau.start, plateau, steps=500)
    plt.plot(np.linalg.norm(path, axis=1), label=optimizer.name)
plt.gca().set(xlabel="step", ylabel="distance from the middle")
plt.legend()
plt.show()
