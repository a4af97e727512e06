"""The training that all frameworks repeat: examples, first weights, batches and settings, in one file of arrays."""

from pathlib import Path

import numpy as np

from optbench.lab.fitting import minibatches
from optbench.lab.networks import network
from optbench.lab.workloads import workload_data
from optbench.registry.named import get

EXAMPLES, BATCH, EPOCHS = 1024, 64, 10
#: Sums of few powers of two, the same in float32 and float64: Keras keeps its settings in float32.
RATE, BETA = 2**-5, 1 - 2**-3


def experiment() -> dict[str, np.ndarray]:
    """Digits, a 64-32-10 network of He's weights, momentum as a sum of gradients, in float64.

    x (1024, 64) and y (1024,), class numbers; batches (160, 64), the examples of each step; W1 (64, 32), b1 (32,),
    W2 (32, 10) and b2 (10,), where each training starts; rate and beta of w <- w - rate v, v <- beta v + g.
    """
    data = workload_data("digits-batches", "fundamentals")
    x = data.x_train[:EXAMPLES].reshape(EXAMPLES, -1).astype(np.float64)
    labels = data.y_train[:EXAMPLES]
    y = labels.argmax(axis=1) if labels.ndim == 2 and labels.shape[1] > 1 else labels.reshape(-1)
    net = network([64, 32, 10], ["relu", "softmax"], dtype="float64")
    tensors = net.views(net.draw(get("he"), seed=0)).values()
    order = minibatches(EXAMPLES, BATCH, seed=0)
    return {
        "x": x,
        "y": y.astype(np.int64),
        "batches": np.stack([next(order) for _ in range(EPOCHS * (EXAMPLES // BATCH))]),
        **dict(zip(("W1", "b1", "W2", "b2"), map(np.array, tensors), strict=True)),
        "rate": np.array(RATE),
        "beta": np.array(BETA),
    }


def save(path: Path) -> Path:
    """Write the arrays for programs that are run by hand; returns the path, whose name ends in .npz."""
    path = path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")
    np.savez(path, **experiment())  # type: ignore[arg-type]
    return path
