"""Normalization within each example: what layer norm, RMS norm and group norm share."""

from functools import partial

import numpy as np

from optbench.contract.layer import FixedOp, Wires, by_channel


class ExampleNormOp(FixedOp):
    """y = gamma h + beta, h = (x - mu) / sqrt(v + epsilon), over the features of each group of each example.

    `groups` split the channels. `centre` says whether mu is the mean and v the variance, or mu is 0 and v the
    mean square. Nothing depends on the batch, so training and evaluation are the same. In float32 the squares of
    values above 1.8e19 overflow: h is then 0, and so is the gradient.
    """

    def __init__(self, wires: Wires, groups: int, centre: bool, epsilon: float):
        super().__init__(wires)
        channels, y = by_channel(wires.x), by_channel(wires.y)
        (stack, count, positions), dtype, batch = channels.shape, channels.dtype, wires.x.shape[1]
        features = count * positions // batch // groups

        def grouped(channels: np.ndarray) -> np.ndarray:
            """(stack, channels, positions x batch) as (stack, groups, features of a group, batch)."""
            return channels.reshape(stack, groups, features, batch, copy=False)

        hat_channels, work_channels = np.zeros((2, *channels.shape), dtype)
        x, hat, work = grouped(channels), grouped(hat_channels), grouped(work_channels)
        mean, inverse = np.zeros((2, stack, groups, 1, batch), dtype)
        # A sum over features is a product with a row of ones. 0-d arrays: NumPy would convert a number at each call.
        shares, least, one = np.full((1, features), 1 / features, dtype), np.array(epsilon, dtype), np.array(1, dtype)
        scale, shift = wires.params["scale"], wires.params.get("shift")
        centred = hat if centre else x
        if centre:
            self.ahead = [partial(np.matmul, shares, x, mean), partial(np.subtract, x, mean, hat)]
        self.ahead += [
            partial(np.multiply, centred, centred, work),
            partial(np.matmul, shares, work, inverse),
            partial(np.add, inverse, least, inverse),
            partial(np.sqrt, inverse, inverse),
            partial(np.divide, one, inverse, inverse),
            partial(np.multiply, centred, inverse, hat),
            partial(np.multiply, hat_channels, scale[..., None], y),
        ]
        if shift is not None:
            self.ahead.append(partial(np.add, y, shift[..., None], y))
        if wires.dy is None:
            return
        dy = by_channel(wires.dy)
        if shift is not None:
            self.back = [partial(np.vecdot, dy, np.ones(positions, dtype), wires.grads["shift"])]
        self.back.append(partial(np.vecdot, dy, hat_channels, wires.grads["scale"]))
        if wires.dx is None:
            return
        # dx = inverse (g - mean g - h mean(g h)), g = gamma dy, means over a group; no mean g without mu
        dx = grouped(by_channel(wires.dx))
        self.back += [
            partial(np.multiply, dy, scale[..., None], work_channels),
            partial(np.multiply, work, hat, dx),
            partial(np.matmul, shares, dx, mean),
            partial(np.multiply, hat, mean, dx),
            partial(np.subtract, work, dx, dx),
        ]
        if centre:
            self.back += [partial(np.matmul, shares, work, mean), partial(np.subtract, dx, mean, dx)]
        self.back.append(partial(np.multiply, dx, inverse, dx))
