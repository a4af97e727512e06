"""In torch: python in_torch.py DATA RESULT"""

import sys

import numpy as np
import torch
from torch.nn.functional import cross_entropy

data = np.load(sys.argv[1])
rate, beta = float(data["rate"]), float(data["beta"])
x, y = torch.tensor(data["x"]), torch.tensor(data["y"])

net = torch.nn.Sequential(
    torch.nn.Linear(64, 32),
    torch.nn.ReLU(),
    torch.nn.Linear(32, 10),
).double()
with torch.no_grad():
    for number, layer in ((1, net[0]), (2, net[2])):
        # weights are (outputs, inputs) here
        layer.weight.copy_(torch.tensor(data[f"W{number}"].T))
        layer.bias.copy_(torch.tensor(data[f"b{number}"]))
momentum = torch.optim.SGD(net.parameters(), rate, beta)

costs = []
for batch in data["batches"]:
    cost = cross_entropy(net(x[batch]), y[batch])
    momentum.zero_grad()
    cost.backward()
    momentum.step()
    costs.append(cost.item())

last = [p.detach().numpy() for p in net.parameters()]
w1, b1, w2, b2 = last
tensors = {"W1": w1.T, "b1": b1, "W2": w2.T, "b2": b2}
tensors["costs"] = np.array(costs)
np.savez(sys.argv[2], version=torch.__version__, **tensors)
