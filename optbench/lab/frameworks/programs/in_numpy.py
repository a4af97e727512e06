"""python in_numpy.py DATA RESULT: a network by optbench's own NumPy arithmetic."""

import sys

import numpy as np

import optbench

data = np.load(sys.argv[1])
names = ("W1", "b1", "W2", "b2")

net = optbench.network([64, 32, 10], ["relu", "softmax"], dtype="float64")
start = net.flat([data[name] for name in names])
momentum = optbench.get("heavy-ball", lr=float(data["rate"]), beta=float(data["beta"]))

batches = data["batches"]
fit = optbench.fit(net, data["x"], data["y"], momentum, steps=len(batches), params=start, batches=batches)

last = dict(zip(names, net.views(fit.params).values(), strict=True))
np.savez(sys.argv[2], version=np.__version__, costs=fit.costs, **last)
