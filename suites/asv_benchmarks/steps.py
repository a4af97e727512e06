"""A training step: its time, and the memory of a process that makes some."""

from .common import NETWORKS, training


class Step:
    """One mini-batch: gather, forward, backward, update with Adam."""

    params = [list(NETWORKS)]
    param_names = ["network"]
    version = "1"
    repeat = (2, 8, 1.0)
    warmup_time = 0.05

    def setup(self, network: str) -> None:
        self.training = training("adam", network, steps=1_000_000)

    def time_step(self, network: str) -> None:
        self.training.step()

    def peakmem_steps(self, network: str) -> None:
        for _ in range(20):
            self.training.step()


class Stack:
    """One mini-batch of each of so many trials of 64-64-32-10, stacked: one step of all of them."""

    params = [[1, 2, 4, 8, 16, 32]]
    param_names = ["trials"]
    version = "1"
    repeat = (2, 8, 1.0)
    warmup_time = 0.05

    def setup(self, trials: int) -> None:
        self.training = training("adam", "digits-mlp", steps=1_000_000, stack=trials)

    def time_step(self, trials: int) -> None:
        self.training.step()
