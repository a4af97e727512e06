"""A training step: its time, and the memory of a process that makes some."""

from .common import NETWORKS, OPTIMIZERS, training


class Step:
    """One mini-batch: gather, forward, backward, update."""

    params = [OPTIMIZERS, list(NETWORKS)]
    param_names = ["optimizer", "network"]
    version = "1"
    repeat = (2, 8, 1.0)
    warmup_time = 0.05

    def setup(self, optimizer: str, network: str) -> None:
        self.training = training(optimizer, network, steps=1_000_000)

    def time_step(self, optimizer: str, network: str) -> None:
        self.training.step()

    def peakmem_steps(self, optimizer: str, network: str) -> None:
        for _ in range(20):
            self.training.step()
