"""A torch module at work on flat vectors."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np

from optbench_torch.chance import default_dtype, seeded
from optbench_torch.library import torch_module
from optbench_torch.roles import Placed


class Bound:
    """A copy of a module whose parameters, gradients and running statistics are given arrays.

    On the CPU they share memory, and nothing is copied. On another device the module has one flat vector of its own,
    which is copied there before each pass, as gradients and statistics are copied back.

    params, grads   (size,), contiguous; without grads it never goes backward
    statistics      by a buffer's name, in the vectors' dtype: changed by a fresh pass in training only
    precision       a dtype of torch's autocast, such as "bfloat16"; "" for none
    shares          whether memory is shared; None: on the CPU
    """

    def __init__(
        self,
        module: Any,
        places: Sequence[Placed],
        params: np.ndarray,
        grads: np.ndarray | None,
        statistics: Mapping[str, np.ndarray],
        device: str = "cpu",
        precision: str = "",
        shares: bool | None = None,
    ):
        torch = torch_module()
        self.torch, self.params, self.grads = torch, params, grads
        self.device, self.precision = torch.device(device), precision
        self.shares = self.device.type == "cpu" if shares is None else shares
        self.dtype = torch.from_numpy(params).dtype
        self.module = copy.deepcopy(module).to(device=self.device, dtype=self.dtype)
        named = dict(self.module.named_parameters())
        self.parameters = [(named[place.name], place) for place in places]
        self.vector = self._placed(params)
        for (parameter, _), view in zip(self.parameters, self._views(self.vector), strict=True):
            parameter.data = view
        self.slopes = None if grads is None else self._placed(grads)
        if self.slopes is not None:
            # Where there is a gradient, backward adds to it in place.
            for (parameter, _), view in zip(self.parameters, self._views(self.slopes), strict=True):
                parameter.grad = view
        self.statistics = dict(statistics)
        self.views: dict[str, Any] = {}
        #: those that are no floats, or lie elsewhere: (the module's own, the array)
        self.apart: list[tuple[Any, np.ndarray]] = []
        for name, array in self.statistics.items():
            own = self.module.get_buffer(name)
            if self.shares and own.dtype == self.dtype:
                own = torch.from_numpy(array)
            else:
                self.apart.append((own, array))
            self.views[name] = own
        self._lay(self.views)
        self.training: bool | None = None

    def attach(self, params: np.ndarray) -> None:
        """Work on this vector from now on; one that cannot be shared is copied."""
        if not (params.flags.writeable and params.flags.c_contiguous):
            params = np.array(params)
        here, there = params.__array_interface__["data"][0], self.params.__array_interface__["data"][0]
        self.params = params
        if self.shares and here != there:
            self.vector = self._placed(params)
            for (parameter, _), view in zip(self.parameters, self._views(self.vector), strict=True):
                parameter.data = view

    def _views(self, vector: Any) -> Iterator[Any]:
        """The tensors of a flat vector as torch has them."""
        offset = 0
        for parameter, place in self.parameters:
            size = parameter.numel()
            yield vector[offset : offset + size].view(place.asked.shape).permute(place.axes)
            offset += size

    def _placed(self, vector: np.ndarray) -> Any:
        host = self.torch.from_numpy(vector)
        # A copy of its own, also where the device is the CPU.
        return host if self.shares else host.to(self.device, copy=True)

    def _lay(self, views: Mapping[str, Any]) -> None:
        for name, view in views.items():
            parent, _, leaf = name.rpartition(".")
            self.module.get_submodule(parent)._buffers[leaf] = view

    @contextmanager
    def passing(self, training: bool, fresh: bool, seed: int) -> Iterator[Any]:
        """The module, for one pass with this chance; behind it, `backward` may follow.

        fresh   running statistics are changed; a pass in training that is not fresh leaves them
        """
        torch = self.torch
        if not self.shares:
            self.vector.copy_(torch.from_numpy(self.params))
        for own, array in self.apart:
            own.copy_(torch.from_numpy(array))
        if self.training is not training:
            self.module.train(training)
            self.training = training
        if training and not fresh and self.views:
            self._lay({name: view.clone() for name, view in self.views.items()})
        mixed = torch.autocast(self.device.type, getattr(torch, self.precision)) if self.precision else nullcontext()
        with (
            seeded(seed, self.device),
            default_dtype(self.dtype),
            torch.set_grad_enabled(training and self.grads is not None),
            mixed,
        ):
            yield self.module
        if training and self.views:
            self._settle(fresh)

    def _settle(self, fresh: bool) -> None:
        if fresh:
            for name, view in self.views.items():
                now = self.module.get_buffer(name)
                if now is not view:  # it put another tensor in place of ours
                    view.copy_(now.detach())
            for own, array in self.apart:
                self.torch.from_numpy(array).copy_(own)
        self._lay(self.views)

    def backward(self, result: Any, slope: Any = None) -> None:
        """Fill `grads` with the gradient of a scalar, or of outputs whose gradient is `slope`."""
        assert self.grads is not None
        self.slopes.zero_()
        self.torch.autograd.backward([result], None if slope is None else [slope])
        if not self.shares:
            self.torch.from_numpy(self.grads).copy_(self.slopes)


def first_values(module: Any, places: Sequence[Placed]) -> dict[str, np.ndarray]:
    """Its parameters by name, as they lie in the flat vector."""
    named = dict(module.named_parameters())
    return {p.name: named[p.name].detach().permute(p.inverse).numpy() for p in places}


def first_statistics(module: Any, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Its running statistics at the start."""
    return {name: module.get_buffer(name).detach().numpy().astype(np.float64) for name in names}
