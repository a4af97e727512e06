"""What optax offers, as plain data: names, settings and defaults are known without importing jax.

A test compares every row with the signature that the installed optax has.
"""

from dataclasses import dataclass, field
from typing import Any

#: default, low and high of the rate, by family; optax itself gives no rate but to those of "free"
RATES: dict[str, tuple[float, float, float]] = {
    "adaptive": (1e-3, 1e-5, 0.1),  # every coordinate moves by about lr
    "root": (0.01, 1e-4, 1.0),  # over the root of a sum, or relative to the weights
    "sign": (1e-4, 1e-6, 1e-2),  # every coordinate moves by just lr
    "descent": (0.1, 1e-4, 10.0),  # proportional to the gradient
    "trust": (0.1, 1e-3, 10.0),  # layer by layer, relative to the weights times a small number
    "free": (1.0, 0.1, 10.0),  # a factor on a rate that the method estimates
    "search": (1.0, 0.01, 1.0),  # the first step of a line search
}


@dataclass(frozen=True)
class Row:
    """One optimizer.

    settings   the arguments besides the rate, with optax's defaults; None: 0 in its place means "not given"
    rate       the argument that is the learning rate ("": it has none, and holds another optimizer)
    needs      "value" (the loss), "search" (the loss as a function) or "gradient" (the gradient as a function)
    lr         a default of its own for the rate
    home       the module
    moves      why it moves where the gradient is 0
    """

    name: str
    family: str
    reference: str
    settings: dict[str, Any] = field(default_factory=dict)
    rate: str = "learning_rate"
    needs: str = ""
    lr: float | None = None
    home: str = "optax"
    moves: str = ""


ADAM = {"b1": 0.9, "b2": 0.999, "eps": 1e-8, "eps_root": 0.0}
ADAM_PLAIN = {"b1": 0.9, "b2": 0.999, "eps": 1e-8}

ALIASES = [
    Row("sgd", "descent", "Robbins and Monro 1951", {"momentum": None, "nesterov": False}),
    Row("noisy_sgd", "descent", "Neelakantan et al. 2015", {"eta": 0.01, "gamma": 0.55}, moves="it adds noise"),
    Row("optimistic_gradient_descent", "descent", "Mokhtari et al. 2020", {"alpha": 1.0, "beta": 1.0}),
    Row("sign_sgd", "sign", "Bernstein et al. 2018"),
    Row("signum", "sign", "Bernstein et al. 2018", {"beta": 0.9}),
    Row("lion", "sign", "Chen et al. 2023", {"b1": 0.9, "b2": 0.99, "weight_decay": 1e-3}),
    Row("rprop", "adaptive", "Riedmiller and Braun 1993",
        {"eta_minus": 0.5, "eta_plus": 1.2, "min_step_size": 1e-6, "max_step_size": 50.0}),
    Row("polyak_sgd", "free", "Loizou et al. 2021",
        {"scaling": 1.0, "f_min": 0.0, "eps": 0.0, "variant": "sps"}, rate="max_learning_rate", needs="value"),
    Row("adagrad", "root", "Duchi et al. 2011", {"initial_accumulator_value": 0.1, "eps": 1e-7}, lr=0.1),
    Row("rmsprop", "adaptive", "Tieleman and Hinton 2012",
        {"decay": 0.9, "eps": 1e-8, "initial_scale": 0.0, "eps_in_sqrt": True, "centered": False,
         "momentum": None, "nesterov": False, "bias_correction": False}),
    Row("adadelta", "free", "Zeiler 2012", {"rho": 0.9, "eps": 1e-6, "weight_decay": 0.0}),
    Row("adam", "adaptive", "Kingma and Ba 2015", {**ADAM, "nesterov": False}),
    Row("adamw", "adaptive", "Loshchilov and Hutter 2019", {**ADAM, "weight_decay": 1e-4, "nesterov": False}),
    Row("nadam", "adaptive", "Dozat 2016", {**ADAM}),
    Row("nadamw", "adaptive", "Dozat 2016; Loshchilov and Hutter 2019", {**ADAM, "weight_decay": 1e-4}),
    Row("amsgrad", "adaptive", "Reddi et al. 2018",
        {**ADAM, "bias_correction_mu": True, "bias_correction_nu": True}),
    Row("adamax", "adaptive", "Kingma and Ba 2015", {**ADAM_PLAIN}),
    Row("adamaxw", "adaptive", "Kingma and Ba 2015; Loshchilov and Hutter 2019",
        {**ADAM_PLAIN, "weight_decay": 1e-4}),
    Row("radam", "adaptive", "Liu et al. 2020", {**ADAM, "threshold": 5.0, "nesterov": False}),
    Row("adabelief", "adaptive", "Zhuang et al. 2020",
        {"b1": 0.9, "b2": 0.999, "eps": 1e-16, "eps_root": 1e-16, "nesterov": False}),
    Row("yogi", "root", "Zaheer et al. 2018", {"b1": 0.9, "b2": 0.999, "eps": 1e-3},
        moves="its average of gradients starts at 1e-6, not at 0"),
    Row("adan", "adaptive", "Xie et al. 2024",
        {"b1": 0.98, "b2": 0.92, "b3": 0.99, "eps": 1e-8, "eps_root": 1e-8, "weight_decay": 0.0}),
    Row("optimistic_adam", "adaptive", "Daskalakis et al. 2018", {"optimism": None, **ADAM, "nesterov": True}),
    Row("optimistic_adam_v2", "adaptive", "Daskalakis et al. 2018",
        {"alpha": 1.0, "beta": 1.0, **ADAM, "nesterov": True}),
    Row("novograd", "root", "Ginsburg et al. 2019",
        {"b1": 0.9, "b2": 0.25, "eps": 1e-6, "eps_root": 0.0, "weight_decay": 0.0}),
    Row("sm3", "root", "Anil et al. 2019", {"momentum": 0.9}, lr=0.1),
    Row("fromage", "root", "Bernstein et al. 2020", {"min_norm": 1e-6},
        moves="it shrinks the parameters a little in each step, so that they cannot grow"),
    Row("lars", "trust", "You et al. 2017",
        {"weight_decay": 0.0, "trust_coefficient": 1e-3, "eps": 0.0, "momentum": 0.9, "nesterov": False}),
    Row("lamb", "root", "You et al. 2020", {**ADAM, "eps": 1e-6, "weight_decay": 0.0}),
    Row("adafactor", "root", "Shazeer and Stern 2018",
        {"min_dim_size_to_factor": 128, "decay_rate": 0.8, "decay_offset": 0,
         "multiply_by_parameter_scale": True, "clipping_threshold": 1.0, "momentum": None,
         "weight_decay_rate": None, "eps": 1e-30, "factored": True}),
    Row("lbfgs", "search", "Liu and Nocedal 1989", {"memory_size": 10, "scale_init_precond": True}, needs="search"),
]  # fmt: skip

ROUNDS = "optax computes y anew from x and z in each step, which rounds"

CONTRIB = [
    Row("acprop", "adaptive", "Zhuang et al. 2021",
        {"b1": 0.9, "b2": 0.999, "eps": 1e-16, "eps_root": 1e-16, "weight_decay": 0.0}),
    Row("ademamix", "adaptive", "Pagliardini et al. 2024",
        {"b1": 0.9, "b2": 0.999, "b3": 0.9999, "alpha": 5.0, "eps": 1e-8, "eps_root": 0.0, "weight_decay": 0.0}),
    Row("simplified_ademamix", "sign", "Morwani et al. 2025",
        {"b1": 0.99, "b2": 0.95, "alpha": 0.0, "eps": 1e-8, "eps_root": 0.0, "weight_decay": 0.0}),
    Row("adopt", "adaptive", "Taniguchi et al. 2024",
        {"b1": 0.9, "b2": 0.9999, "eps": 1e-6, "nesterov": False, "use_clipping": True}),
    Row("madgrad", "root", "Defazio and Jelassi 2022", {"momentum": 0.9, "weight_decay": 0.0, "eps": 1e-6}),
    Row("muon", "root", "Jordan et al. 2024",
        {"ns_coeffs": (3.4445, -4.775, 2.0315), "ns_steps": 5, "beta": 0.95, "eps": 1e-8, "weight_decay": 0.0,
         "nesterov": True, "adaptive": False, "preconditioning": "frobenius", "adam_b1": 0.9,
         "adam_b2": 0.999, "adam_eps_root": 0.0, "adam_weight_decay": 0.0, "adam_learning_rate": None,
         "consistent_rms": None}, lr=0.02),
    Row("galore", "adaptive", "Zhao et al. 2024",
        {"rank": 128, "update_proj_gap": 200, "scale": 1.0, "weight_decay": 0.0}),
    Row("cocob", "free", "Orabona and Tommasi 2017", {"alpha": 100.0, "eps": 1e-8, "weight_decay": 0.0}),
    Row("dadapt_adamw", "free", "Defazio and Mishchenko 2023",
        {"betas": (0.9, 0.999), "eps": 1e-8, "estim_lr0": 1e-6, "weight_decay": 0.0}),
    Row("prodigy", "free", "Mishchenko and Defazio 2024",
        {"betas": (0.9, 0.999), "beta3": None, "eps": 1e-8, "estim_lr0": 1e-6, "estim_lr_coef": 1.0,
         "weight_decay": 0.0, "safeguard_warmup": False}),
    Row("dog", "free", "Ivgi et al. 2023",
        {"init_step": ("heuristic", 1e-6), "eps": 1e-8, "weight_decay": None}),
    Row("dowg", "free", "Khaled et al. 2023",
        {"init_estim_sq_dist": None, "eps": 1e-4, "weight_decay": None}),
    Row("momo", "free", "Schaipp et al. 2024",
        {"beta": 0.9, "lower_bound": 0.0, "weight_decay": 0.0, "adapt_lower_bound": False}, needs="value"),
    Row("momo_adam", "root", "Schaipp et al. 2024",
        {**ADAM_PLAIN, "lower_bound": 0.0, "weight_decay": 0.0, "adapt_lower_bound": False}, needs="value"),
    Row("schedule_free_sgd", "descent", "Defazio et al. 2024",
        {"warmup_steps": None, "b1": 0.9, "weight_decay": None, "weight_lr_power": 2.0}, lr=1.0, moves=ROUNDS),
    Row("schedule_free_adamw", "adaptive", "Defazio et al. 2024",
        {"warmup_steps": None, **ADAM_PLAIN, "weight_decay": 0.0, "weight_lr_power": 2.0}, lr=0.0025, moves=ROUNDS),
]  # fmt: skip
CONTRIB = [Row(**{**vars(row), "home": "optax.contrib"}) for row in CONTRIB]

#: hold another optax optimizer under `inner`: (row, the inner one by default)
WRAPPERS = [
    (Row("sam", "", "Foret et al. 2021", {"sync_period": 2, "reset_state": True, "rho": 0.05},
         "", "gradient", None, "optax.contrib"), "sgd"),
    (Row("mechanize", "", "Cutkosky et al. 2023",
         {"weight_decay": 0.01, "eps": 1e-8, "s_init": 1e-6, "num_betas": 6}, "", "", None, "optax.contrib"), "sgd"),
    (Row("schedule_free", "", "Defazio et al. 2024", {"b1": 0.9, "weight_lr_power": 2.0},
         "", "", None, "optax.contrib", ROUNDS), "rmsprop"),
    (Row("reduce_on_plateau", "", "optax's documentation",
         {"factor": 0.1, "patience": 10, "rtol": 1e-4, "atol": 0.0, "cooldown": 0, "accumulation_size": 1,
          "min_scale": 0.0}, "", "value", None, "optax.contrib"), "adam"),
]  # fmt: skip

UNAVAILABLE = {
    "dpsgd": "it clips the gradient of each example by itself, and training here has the mini-batch's mean only",
    "sophia": "it differentiates the loss twice with jax, and the networks here are not written in jax; "
    'the built-in "sophia" takes differences of gradients',
}
#: in optax.contrib and no optimizers by themselves: parts of those above
PARTS = {
    "differentially_private_aggregate", "hutchinson_estimator_diag_hessian", "normalize",
    "schedule_free_eval_params", "split_real_and_imaginary",
}  # fmt: skip

#: Arguments that no settings can give: masks, dtypes, keys, functions.
LEFT_OUT = {
    "accumulator_dtype", "mu_dtype", "dtype_momentum", "state_dtype", "mask", "weight_decay_mask", "trust_ratio_mask",
    "key", "seed", "linesearch", "clip_value_fn", "base_optimizer", "weight_dimension_numbers",
    "muon_weight_dimension_numbers", "optimizer", "adv_optimizer", "opaque_mode", "batch_axis_name",
}  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """One schedule, with values as factors: a rate of 1 times the optimizer's.

    In `steps`, a number up to 1 is a share of the budget, a larger one a number of steps.
    """

    name: str
    text: str
    settings: dict[str, Any]
    steps: tuple[str, ...] = ()


ONE_CYCLE = {"transition_steps": 1.0, "peak_value": 1.0, "pct_start": 0.3}
DIVISORS = {"div_factor": 25.0, "final_div_factor": 1e4}
DECAY = {"decay_rate": 0.1, "transition_begin": 0.0, "staircase": False, "end_value": None}
WARM_UP = {"init_value": 0.0, "peak_value": 1.0, "warmup_steps": 0.1}

CURVES = [
    Curve("constant_schedule", "One factor.", {"value": 1.0}),
    Curve("linear_schedule", "A straight line.",
          {"init_value": 1.0, "end_value": 0.0, "transition_steps": 1.0, "transition_begin": 0.0},
          ("transition_steps", "transition_begin")),
    Curve("polynomial_schedule", "A power of the share that is left.",
          {"init_value": 1.0, "end_value": 0.0, "power": 2.0, "transition_steps": 1.0, "transition_begin": 0.0},
          ("transition_steps", "transition_begin")),
    Curve("exponential_decay", "A factor every so many steps.",
          {"init_value": 1.0, "transition_steps": 1.0, **DECAY}, ("transition_steps", "transition_begin")),
    Curve("piecewise_constant_schedule", "Stairs.",
          {"init_value": 1.0, "boundaries": (0.5, 0.75), "scales": (0.1, 0.1)}, ("boundaries",)),
    Curve("piecewise_interpolate_schedule", "Lines or cosines between given points.",
          {"interpolate_type": "linear", "init_value": 1.0, "boundaries": (0.5, 1.0), "scales": (0.5, 0.1)},
          ("boundaries",)),
    Curve("cosine_decay_schedule", "Half a period of a cosine.",
          {"init_value": 1.0, "decay_steps": 1.0, "alpha": 0.0, "exponent": 1.0}, ("decay_steps",)),
    Curve("cosine_onecycle_schedule", "Up and down again by cosines.", {**ONE_CYCLE, **DIVISORS},
          ("transition_steps",)),
    Curve("linear_onecycle_schedule", "Up and down again by lines.",
          {**ONE_CYCLE, "pct_final": 0.85, **DIVISORS}, ("transition_steps",)),
    Curve("warmup_constant_schedule", "A line up, then constant.", {**WARM_UP}, ("warmup_steps",)),
    Curve("warmup_cosine_decay_schedule", "A line up, then half a period of a cosine.",
          {**WARM_UP, "decay_steps": 1.0, "end_value": 0.0, "exponent": 1.0}, ("warmup_steps", "decay_steps")),
    Curve("warmup_exponential_decay_schedule", "A line up, then a factor every so many steps.",
          {**WARM_UP, "transition_steps": 0.9, **DECAY}, ("warmup_steps", "transition_steps", "transition_begin")),
    Curve("sgdr_schedule", "Cosines with warm restarts, all of one length.",
          {"cycles": 4, "init_value": 0.0, "peak_value": 1.0, "decay": 1.0, "warmup": 0.0, "end_value": 0.0}),
]  # fmt: skip

NO_SCHEDULES = {"join_schedules": "it joins other schedules, which are functions; write a function of the step instead"}
