"""torch's chance made a trial's own for a while, and torch's default dtype a run's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from optbench_torch.library import torch_module


@contextmanager
def seeded(seed: int, device: Any = None) -> Iterator[None]:
    """torch's generators, which a process shares, start at `seed` within, and go on behind it as if nothing was.

    device   another than the CPU whose generator is meant, too
    """
    torch = torch_module()
    if device is None or device.type == "cpu":
        shared = torch.default_generator
        before = shared.get_state()
        shared.manual_seed(seed)
        try:
            yield
        finally:
            shared.set_state(before)
        return
    with torch.random.fork_rng([device], device_type=device.type):
        torch.manual_seed(seed)
        yield


@contextmanager
def default_dtype(dtype: Any) -> Iterator[None]:
    """What torch makes without being told a dtype is of this one within."""
    torch = torch_module()
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
