"""python in_torch.py DATA RESULT: the same network in torch."""

import sys

import numpy as np
import torch

data = np.load(sys.argv[1])
x, y = torch.tensor(data["x"]), torch.tensor(data["y"])

net = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)).double()
with torch.no_grad():
    for layer, weight, bias in ((net[0], "W1", "b1"), (net[2], "W2", "b2")):
        layer.weight.copy_(torch.tensor(data[weight].T))  # (outputs, inputs)
        layer.bias.copy_(torch.tensor(data[bias]))
momentum = torch.optim.SGD(net.parameters(), lr=float(data["rate"]), momentum=float(data["beta"]))

costs = []
for batch in data["batches"]:
    cost = torch.nn.functional.cross_entropy(net(x[batch]), y[batch])
    momentum.zero_grad()
    cost.backward()
    momentum.step()
    costs.append(cost.item())

w1, b1, w2, b2 = (p.detach().numpy() for p in net.parameters())
np.savez(sys.argv[2], version=torch.__version__, costs=costs, W1=w1.T, b1=b1, W2=w2.T, b2=b2)
