"""In optbench: python in_numpy.py DATA RESULT"""

import sys

import numpy as np

from optbench import fit, get, network

data = np.load(sys.argv[1])
rate, beta = float(data["rate"]), float(data["beta"])
names = ("W1", "b1", "W2", "b2")
layers = ["relu", "softmax"]

net = network([64, 32, 10], layers, dtype="float64")
start = net.flat([data[name] for name in names])
momentum = get("heavy-ball", lr=rate, beta=beta)

x, y, batches = data["x"], data["y"], data["batches"]
trained = fit(
    net, x, y, momentum,
    steps=len(batches), params=start, batches=batches,
)

last = net.views(trained.params)
tensors = dict(zip(names, last.values(), strict=True))
tensors["costs"] = trained.costs
np.savez(sys.argv[2], version=np.__version__, **tensors)
