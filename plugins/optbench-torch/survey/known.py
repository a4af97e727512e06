"""What no experiment can tell of a class: what is special about it, and why some cannot be used."""

from typing import Any

#: elementwise methods, whatever their settings: one tensor gives the bits of many
FLAT = "asgd adadelta adagrad adam adamw adamax nadam radam rmsprop rprop sgd lbfgs"
KNOWN: dict[str, dict[str, Any]] = {
    **{f"torch/{name}": {"flags": ["flat"]} for name in FLAT.split()},
    "torch/lbfgs": {"flags": ["closure", "flat"], "settings": {"line_search_fn": "none"}},
    "torch/sparse-adam": {"flags": ["sparse"]},
    # Biases go to AdamW, with a rate of their own; kernels as matrices, since it takes nothing else.
    "torch/muon": {"flags": ["adamw", "matrix"], "settings": {"adamw_lr": 0.001}, "rates": {"adamw_lr": [1e-5, 0.1]}},
    "pytorch-optimizer/lbfgs": {"flags": ["closure", "flat"], "settings": {"line_search_fn": "none"}},
    # Its number of examples scales the noise; a workload's own can be set.
    "pytorch-optimizer/bsam": {"settings": {"num_data": 1000}},
    # Its own schedule needs the number of steps in advance; optbench's schedules take its place.
    "pytorch-optimizer/ranger21": {"fixed": {"num_iterations": 1, "disable_lr_scheduler": True}},
    "pytorch-optimizer/ranger": {"iterates": ["slow_buffer"]},
    **{f"pytorch-optimizer/schedulefree{n}": {"iterates": ["z"]} for n in ("sgd", "adamw", "radam")},
}
KNOWN["pytorch-optimizer/spectralsphere"] = {
    "flags": ["adamw", "matrix"], "settings": {"adamw_lr": 0.001}, "rates": {"adamw_lr": [1e-5, 0.1]},
}  # fmt: skip
for _name in ("muon", "adamuon", "adago", "normuon", "muonclip"):
    KNOWN[f"pytorch-optimizer/{_name}"] = {"flags": ["muon"], "rates": {"adamw_lr": [3e-6, 0.03]}}
#: rates that are no step sizes of the usual kind
RATES = {
    (1e-4, 10): "torch/sgd torch/asgd pytorch-optimizer/sgd accsgd asgd pnm pid qhm sgdp sgdw aggmo msvag gravity tam",
    (1e-2, 100): "torch/adadelta adadelta",
    (1e-3, 100): "lars",
    (1e-2, 10): "torch/lbfgs lbfgs",
    (0.1, 10): "dadaptadagrad dadaptadam dadaptadan dadaptlion dadaptsgd prodigy adamg",
}
REASONS = {
    "adahessian": "it needs second derivatives (a backward pass with create_graph=True)",
    "sophiah": "it needs second derivatives (a backward pass with create_graph=True)",
    "adalomo": "it needs a torch.nn.Module, whose backward pass it takes over",
    "lomo": "it needs a torch.nn.Module, whose backward pass it takes over",
    "adammini": "it needs a torch.nn.Module, whose layers' names it reads",
    "distributedmuon": "it needs torch.distributed with several processes",
    "demo": "it needs torch.distributed with several processes, and einops",
    "fadam": "it works in float32 only, and checks need float64",
    "lorarite": "it takes a network's matrices for pairs of LoRA's factors",
    "magma": "it wraps another torch optimizer",
}


def special_rates(name: str, library_name: str) -> list[float] | None:
    for ends, names in RATES.items():
        if f"{library_name}/{name}" in names.split() or (library_name != "torch" and name in names.split()):
            return list(ends)
    return None
