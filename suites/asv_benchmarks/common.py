"""What the benchmarks share: names, two networks, and a training of one on the other.

The names are written out. asv finds parameters once and runs every other commit by their index, so a list taken from
the registry would label old commits wrongly; where a component is absent, the benchmark is left out.
"""

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.training.assembly import assemble
from optbench.training.trainer import Training
from optbench.trials.trial import Trial

OPTIMIZERS = [
    "sgd",
    "momentum",
    "heavy-ball",
    "nesterov",
    "adagrad",
    "adadelta",
    "rmsprop",
    "rmsprop-inside",
    "adam",
    "adamax",
    "amsgrad",
    "nadam",
    "adamw",
    "asgd",
    "lars",
    "schedule-free-sgd",
    "radam",
    "adabelief",
    "adan",
    "lamb",
    "schedule-free-adamw",
    "d-adapt-adam",
    "prodigy",
    "adafactor",
    "muon",
    "shampoo",
    "soap",
    "sophia",
    "lbfgs",
    "clip-value",
    "clip-norm",
    "ema",
    "swa",
    "lookahead",
    "sam",
    "nadamw",
    "signum",
    "ademamix",
    "mars",
    "amos",
    "caspr",
    "kron",
    "cautious",
    "d-adapt-sgd",
    "lawa",
]

#: a network of each family on the digits, and 784-256-128-10 on made-up classes of MNIST's shape
NETWORKS = {
    "digits-mlp": {
        "dataset": {"name": "digits"},
        "network": {"name": "mlp", "hidden": [64, 32]},
        "batch_size": 64,
    },
    "wide-mlp": {
        "dataset": {"name": "blobs", "samples": 4000, "classes": 10, "features": 784, "separation": 0.13},
        "network": {"name": "mlp", "hidden": [256, 128]},
        "batch_size": 128,
    },
    "digits-linear": {"dataset": {"name": "digits"}, "network": {"name": "linear"}, "batch_size": 64},
    "digits-cnn": {
        "dataset": {"name": "digits"},
        "network": {"name": "cnn", "channels": [16, 32]},
        "batch_size": 64,
    },
    "digits-residual": {
        "dataset": {"name": "digits"},
        "network": {"name": "residual-mlp", "width": 64, "blocks": 4},
        "batch_size": 64,
    },
    "digits-resnet": {"dataset": {"name": "digits"}, "network": {"name": "resnet"}, "batch_size": 64},
    "digits-lstm": {"dataset": {"name": "digits"}, "network": {"name": "lstm"}, "batch_size": 64},
    "ratings-factorization": {
        "dataset": {"name": "ratings"},
        "network": {"name": "matrix-factorization"},
        "batch_size": 64,
    },
    "clicks-dlrm": {"dataset": {"name": "clicks"}, "network": {"name": "dlrm"}, "batch_size": 128},
    "karate-gcn": {"dataset": {"name": "karate-club"}, "network": {"name": "gcn"}, "batch_size": "full"},
    "blocks-gcn": {"dataset": {"name": "stochastic-block-model"}, "network": {"name": "gcn"}, "batch_size": "full"},
    "graphs-gin": {"dataset": {"name": "random-graphs"}, "network": {"name": "gin"}, "batch_size": 32},
    "characters-transformer": {
        "dataset": {"name": "text-characters"},
        "network": {"name": "transformer", "depth": 1},
        "batch_size": 32,
    },
    "digits-vit": {"dataset": {"name": "digits"}, "network": {"name": "vit"}, "batch_size": 64},
    "digits-mixer": {"dataset": {"name": "digits"}, "network": {"name": "mlp-mixer"}, "batch_size": 64},
    "characters-lstm": {"dataset": {"name": "text-characters"}, "network": {"name": "lstm"}, "batch_size": 32},
    "online-mlp": {
        "dataset": {"name": "online", "inner": {"name": "teacher-student"}},
        "network": {"name": "mlp", "hidden": [32]},
        "batch_size": 64,
    },
}
#: those of tokens, whose inputs are not standardized
OF_TOKENS = {"characters-transformer", "characters-lstm"}


def require(kind: str, name: str) -> None:
    """Leave a benchmark out (`NotImplementedError` in its setup) where this commit has no such component."""
    try:
        registry().entry(kind, name)
    except OptbenchError as error:
        raise NotImplementedError(str(error)) from error


def training(optimizer: str, network: str, steps: int, evaluate_every: int = 10, stack: int = 1) -> Training:
    """Networks to train with one optimizer at its default setting: one, or a stack with a seed each."""
    require("optimizers", optimizer)
    require("networks", NETWORKS[network]["network"]["name"])
    require("datasets", NETWORKS[network]["dataset"]["name"])
    workload = {
        **NETWORKS[network],
        "split": {"validation": 0.2, "test": 0.2, "seed": 0},
        "dtype": "float32",
        "steps": steps,
        "evaluate_every": evaluate_every,
    }
    components = {
        "optimizer": {"name": optimizer},
        "schedule": {"name": "constant"},
        "initializer": {"name": "he"},
        "normalizers": [] if network in OF_TOKENS else [{"name": "standardize"}],
        "regularizers": [],
    }
    return assemble([Trial(workload, components, seed, providers={}) for seed in range(1, stack + 1)], registry())
