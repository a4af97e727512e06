"""A foreign optimizer's state as a tree of arrays and scalars, and back: no pickle.

Tensors keep their dtype and the order in which they lie in memory, so that a resumed run adds up in the same order.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from optbench import OptbenchError
from optbench_torch.library import torch_module

#: attributes of every torch optimizer that are made anew, or saved by themselves
MADE_ANEW = ("state", "param_groups", "defaults")


def save_optimizer(optimizer: Any, tensors: Sequence[Any]) -> dict[str, Any]:
    """State, group settings and the optimizer's own plain attributes (counters, sums)."""
    groups = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
    attributes = {k: v for k, v in vars(optimizer).items() if k not in MADE_ANEW and not k.startswith("_")}
    return {
        "state": encode(dict(optimizer.state), tensors),
        "groups": [_plain(group, tensors) for group in groups],
        "attributes": _plain(attributes, tensors),
    }


def load_optimizer(optimizer: Any, saved: dict[str, Any], tensors: Sequence[Any]) -> None:
    # Not load_state_dict, which converts state to the parameters' dtype.
    optimizer.state.clear()
    optimizer.state.update(decode(saved["state"], tensors))
    for group, values in zip(optimizer.param_groups, saved["groups"], strict=True):
        group.update({key: decode(value, tensors) for key, value in values.items()})
    for key, value in saved["attributes"].items():
        setattr(optimizer, key, decode(value, tensors))


def _plain(values: dict[str, Any], tensors: Sequence[Any]) -> dict[str, Any]:
    """What can be encoded; the rest (functions, enumerations) are settings, which the constructor gives again."""
    found = {}
    for key, value in values.items():
        try:
            found[key] = encode(value, tensors)
        except OptbenchError:
            continue
    return found


def encode(value: Any, tensors: Sequence[Any]) -> Any:
    """Plain data of a value; `OptbenchError` for what a checkpoint cannot hold."""
    torch = torch_module()
    if isinstance(value, torch.Tensor):
        for number, tensor in enumerate(tensors):
            if value is tensor:
                return {"parameter": number}
        return _encode_tensor(value.detach())
    if isinstance(value, np.generic):
        return value.item()
    if value is None or (isinstance(value, (bool, int, float, str)) and type(value).__module__ == "builtins"):
        return value
    if isinstance(value, dict):
        items = [[encode(k, tensors), encode(v, tensors)] for k, v in value.items()]
        return {"dict": items}
    if isinstance(value, deque):
        return {"deque": [encode(v, tensors) for v in value], "maxlen": value.maxlen}
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode(v, tensors) for v in value]}
    raise OptbenchError(f"its state holds a {type(value).__name__}, which a checkpoint cannot hold")


def _encode_tensor(value: Any) -> dict[str, Any]:
    torch = torch_module()
    if value.is_sparse:
        raise OptbenchError("its state holds a sparse tensor, which a checkpoint cannot hold")
    order = sorted(range(value.ndim), key=lambda axis: -value.stride(axis))
    dense = value.permute(order).contiguous().clone()
    kind = str(value.dtype).removeprefix("torch.")
    if value.dtype == torch.bfloat16:  # which NumPy does not have
        dense = dense.view(torch.int16)
    return {"tensor": dense.numpy(), "dtype": kind, "order": order}


def decode(value: Any, tensors: Sequence[Any]) -> Any:
    if isinstance(value, list):
        return [decode(v, tensors) for v in value]
    if not isinstance(value, dict):
        return value
    if "parameter" in value:
        return tensors[value["parameter"]]
    if "tensor" in value:
        torch = torch_module()
        dense = torch.from_numpy(np.array(value["tensor"]))
        if value["dtype"] == "bfloat16":
            dense = dense.view(torch.bfloat16)
        return dense.permute([value["order"].index(axis) for axis in range(dense.ndim)])
    if "dict" in value:
        return {decode(k, tensors): decode(v, tensors) for k, v in value["dict"]}
    if "deque" in value:
        return deque((decode(v, tensors) for v in value["deque"]), value["maxlen"])
    if "tuple" in value:
        return tuple(decode(v, tensors) for v in value["tuple"])
    return [decode(v, tensors) for v in value["list"]]
