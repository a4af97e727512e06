"""The lesson's training in Keras on TensorFlow is NumPy's to ten digits, and the bridge's, too."""

import re
import subprocess
import sys

import numpy as np
import optbench_tensorflow

import optbench

NAMES = ("W1", "b1", "W2", "b2")


def command(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "optbench.cli", "frameworks", *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout


def test_the_program_gives_the_same_numbers():
    said = command("tensorflow")
    costs = re.findall(r"(\d\.\d{12})\s+(\d\.\d{12})", said)
    assert len(costs) == 2
    assert costs[0] == costs[1]
    assert "not installed" not in said


def test_the_bridges_optimizer_on_our_network_takes_the_same_steps(tmp_path):
    command("--data", str(tmp_path / "data.npz"))
    with np.load(tmp_path / "data.npz") as data:
        net = optbench.network([64, 32, 10], ["relu", "softmax"], dtype="float64")
        start, batches = net.flat([data[name] for name in NAMES]), data["batches"]
        settings = {"lr": float(data["rate"])}
        ours = optbench.get("heavy-ball", beta=float(data["beta"]), **settings)
        theirs = optbench_tensorflow.optimizer("sgd")(momentum=float(data["beta"]), **settings)
        one, other = (
            optbench.fit(net, data["x"], data["y"], optimizer, steps=len(batches), params=start, batches=batches)
            for optimizer in (ours, theirs)
        )
    np.testing.assert_allclose(other.costs, one.costs, rtol=1e-10)
