"""What keras.optimizers offers, as plain data: names, settings and defaults are known without importing TensorFlow.

A test compares every row with the signature that the installed Keras has.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One class: its settings besides the rate, with Keras's defaults; None: 0 in its place means "none".

    lr         Keras's default, and the range that is searched
    moves      why it moves where the gradient is 0
    plain      it multiplies by its settings so that they must be Python's floats
    """

    cls: str
    reference: str
    lr: tuple[float, float, float]
    settings: dict[str, Any]
    moves: str = ""
    plain: bool = False

    @property
    def name(self) -> str:
        return self.cls.lower()


#: what every class of Keras has
SHARED = {"weight_decay": None, "clipnorm": None, "clipvalue": None, "global_clipnorm": None}
ADAM = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
ADAPTIVE = (1e-3, 1e-5, 0.1)
ROOT = (1e-3, 1e-4, 1.0)

ROWS = [
    Row("SGD", "Robbins and Monro 1951", (0.01, 1e-4, 10.0), {"momentum": 0.0, "nesterov": False}),
    Row("RMSprop", "Tieleman and Hinton 2012", ADAPTIVE,
        {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False}),
    Row("Adagrad", "Duchi et al. 2011", ROOT, {"initial_accumulator_value": 0.1, "epsilon": 1e-7}),
    Row("Adadelta", "Zeiler 2012", (1e-3, 1e-3, 100.0), {"rho": 0.95, "epsilon": 1e-7}, plain=True),
    Row("Adam", "Kingma and Ba 2015", ADAPTIVE, {**ADAM, "amsgrad": False}),
    Row("AdamW", "Loshchilov and Hutter 2019", ADAPTIVE, {**ADAM, "amsgrad": False, "weight_decay": 0.004}),
    Row("Adamax", "Kingma and Ba 2015", ADAPTIVE, {**ADAM}),
    Row("Nadam", "Dozat 2016", ADAPTIVE, {**ADAM}),
    Row("Adafactor", "Shazeer and Stern 2018", ROOT,
        {"beta_2_decay": -0.8, "epsilon_1": 1e-30, "epsilon_2": 1e-3, "clip_threshold": 1.0, "relative_step": True}),
    Row("Ftrl", "McMahan et al. 2013", (1e-3, 1e-3, 10.0),
        {"learning_rate_power": -0.5, "initial_accumulator_value": 0.1, "l1_regularization_strength": 0.0,
         "l2_regularization_strength": 0.0, "l2_shrinkage_regularization_strength": 0.0, "beta": 0.0},
        "parameters are computed from sums of gradients alone, not from where they are"),
    Row("Lion", "Chen et al. 2023", (1e-3, 1e-6, 1e-2), {"beta_1": 0.9, "beta_2": 0.99}),
    Row("Lamb", "You et al. 2020", ROOT, {**ADAM}),
    Row("Muon", "Jordan et al. 2024", ROOT,
        {"adam_beta_1": 0.9, "adam_beta_2": 0.999, "adam_weight_decay": 0.004, "epsilon": 1e-7,
         "weight_decay": 0.004, "muon_a": 3.4445, "muon_b": -4.775, "muon_c": 2.0315, "adam_lr_ratio": 1.0,
         "momentum": 0.95, "ns_steps": 5, "nesterov": True, "rms_rate": 0.2}, plain=True),
    Row("ScheduleFreeAdamW", "Defazio et al. 2024", (0.0025, 1e-5, 0.1),
        {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8, "warmup_steps": 0},
        "Keras computes y anew from x and z in each step, which rounds"),
]  # fmt: skip

UNAVAILABLE = {
    "lossscaleoptimizer": "it undoes a scaling of the loss for float16, and training here is in float32 or float64",
    "multioptimizer": "it gives a Keras model's layers to several optimizers, and there is none here",
    "optimizermap": "it names the layers of a Keras model, and there is none here",
}
#: arguments that no settings can give, or that something else here does
LEFT_OUT = {
    "use_ema": "the built-in wrapper ema",
    "ema_momentum": "the built-in wrapper ema",
    "ema_overwrite_frequency": "the built-in wrapper ema",
    "loss_scale_factor": "no float16 here",
    "gradient_accumulation_steps": "a larger batch",
    "exclude_layers": "of Keras models",
    "exclude_embeddings": "of Keras models",
    "name": "",
    "kwargs": "",
}


@dataclass(frozen=True)
class Curve:
    """One schedule, with values as factors: a rate of 1 times the optimizer's.

    In `steps`, a number up to 1 is a share of the budget, a larger one a number of steps.
    """

    cls: str
    text: str
    settings: dict[str, Any]
    steps: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.cls.lower()


RATE = {"initial_learning_rate": 1.0}
CURVES = [
    Curve("ExponentialDecay", "A factor every so many steps.",
          {**RATE, "decay_steps": 1.0, "decay_rate": 0.1, "staircase": False}, ("decay_steps",)),
    Curve("InverseTimeDecay", "One over a line.",
          {**RATE, "decay_steps": 1.0, "decay_rate": 9.0, "staircase": False}, ("decay_steps",)),
    Curve("PiecewiseConstantDecay", "Stairs.",
          {"boundaries": (0.5, 0.75), "values": (1.0, 0.1, 0.01)}, ("boundaries",)),
    Curve("PolynomialDecay", "A power of the share that is left.",
          {**RATE, "decay_steps": 1.0, "end_learning_rate": 0.0001, "power": 1.0, "cycle": False},
          ("decay_steps",)),
    Curve("CosineDecay", "Half a period of a cosine, after a line up where there are `warmup_steps`.",
          {**RATE, "decay_steps": 1.0, "alpha": 0.0, "warmup_target": None, "warmup_steps": 0.0},
          ("decay_steps", "warmup_steps")),
    Curve("CosineDecayRestarts", "Cosines with warm restarts.",
          {**RATE, "first_decay_steps": 0.2, "t_mul": 2.0, "m_mul": 1.0, "alpha": 0.0}, ("first_decay_steps",)),
]  # fmt: skip
