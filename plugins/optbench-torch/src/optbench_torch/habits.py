"""Why classes do otherwise than the conformance kit asks, where their source says so.

The table has what the kit measured; the reasons are from reading the libraries' code (torch 2.13.0,
pytorch_optimizer 4.1.0). What is not here was measured, and its reason is not known.
"""

from collections.abc import Mapping

#: "they move without a gradient": check_zero_gradient_leaves_parameters_alone
_STILL = {
    "torch/asgd": "lambd decays the weights, as in Bottou's program",
    "pytorch-optimizer/bsam": "each step leaves in the weights the noise that it evaluated them at",
    "pytorch-optimizer/focus": "it moves by the sign of the distance from its average, were it a rounding error",
    "pytorch-optimizer/fromage": "each step divides the weights by sqrt(1 + lr^2)",
    "pytorch-optimizer/ftrl": "it computes the weights anew from its sums, which do not know where they started",
    "pytorch-optimizer/gravity": "its average of gradients starts at random numbers",
    "pytorch-optimizer/nero": "it gives each neuron's weights mean 0 and norm 1 after each step",
    "pytorch-optimizer/ranger21": "norm_loss_factor draws each neuron's weights to norm 1",
    "pytorch-optimizer/srmm": "its weights are an average that starts at 0",
    "pytorch-optimizer/yogi": "its averages start at initial_accumulator",
}
_WAITS = "it takes no step until the variance of its squares is known, which takes it more than five"
_SCHEDULE = {
    "torch/rprop": "lr is the length of the first step only; then each coordinate has its own",
    "pytorch-optimizer/a2grad": "it has no rate",
    "pytorch-optimizer/adafactor": "relative_step: its steps are relative to the weights, and lr is not read",
    "pytorch-optimizer/adago": "eps is the least length of a step, whatever the rate",
    "pytorch-optimizer/adashift": "it takes no step until it has keep_num gradients",
    "pytorch-optimizer/alig": "it has no rate: the loss gives the length of a step",
    "pytorch-optimizer/apollodqn": "it warms up from init_lr by itself",
    "pytorch-optimizer/asgd": "it divides by the rate",
    "pytorch-optimizer/bsam": _STILL["pytorch-optimizer/bsam"],
    "pytorch-optimizer/ftrl": _STILL["pytorch-optimizer/ftrl"],
    "pytorch-optimizer/gravity": "its start is divided by the rate",
    "pytorch-optimizer/nero": _STILL["pytorch-optimizer/nero"],
    "pytorch-optimizer/radam": _WAITS,
    "pytorch-optimizer/sara": "it moves only weights that began below its threshold",
    "pytorch-optimizer/schedulefreeradam": _WAITS,
    "pytorch-optimizer/srmm": _STILL["pytorch-optimizer/srmm"],
}
_MOVES = {
    name: _SCHEDULE[name]
    for name in (
        "pytorch-optimizer/adashift",
        "pytorch-optimizer/radam",
        "pytorch-optimizer/sara",
        "pytorch-optimizer/schedulefreeradam",
    )
}
# Matrices are its own; vectors go to AdamW at adamw_lr, and the check tries other values of lr only.
_VECTORS = dict.fromkeys(
    (f"pytorch-optimizer/{name}" for name in ("adago", "adamuon", "muon", "muonclip", "normuon")),
    "vectors go to AdamW at adamw_lr, which the check leaves at its default",
)
_SARA = {"pytorch-optimizer/sara": _SCHEDULE["pytorch-optimizer/sara"]}
_NERO = {"pytorch-optimizer/nero": "the minimum's neurons do not have mean 0 and norm 1, as its own do"}

_ORDER = dict.fromkeys(
    ("pytorch-optimizer/alig", "pytorch-optimizer/asgd"),
    "the norms of all tensors are summed in float32, in the tensors' order",
)
_GROUPS = {"pytorch-optimizer/flashadamw": "32 neighbours in a tensor share the scale of their 8-bit states"}

#: check -> name -> why
WHY: Mapping[str, Mapping[str, str]] = {
    "check_zero_gradient_leaves_parameters_alone": _STILL,
    "check_obeys_the_schedule": _SCHEDULE,
    "check_updates_in_place": _MOVES,
    "check_permuted_units": _GROUPS,
    "check_reordered_tensors": _ORDER,
    "check_descends_on_quadratic": {**_VECTORS, **_SARA},
    "check_descends_on_rosenbrock": _SARA,
    "check_descends_on_matrix": {**_SARA, **_NERO},
    "check_descends_on_mixed_shapes": {**_SARA, **_NERO},
}


def explained(name: str, departs: Mapping[str, str]) -> dict[str, str]:
    """{check: what the kit measured, and why}: expected failures of the class by this name."""
    return {
        check: f"{measured}: {WHY[check][name]}" if name in WHY.get(check, {}) else measured
        for check, measured in departs.items()
    }
