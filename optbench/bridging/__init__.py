"""What bridges to models of other libraries share: a model as a problem or as a network kind, and its mini-batches.

model_problem   a model with a loss and batches of its own as a problem
model_network   a model as a network kind
loaders         mini-batches, the same again for the same seed
signatures      the arguments of somebody's function as hyperparameters

A bridge to a library's optimizers needs nothing of it: see docs/plugins.md, and `optbench.import_object`.
"""

from optbench.bridging.loaders import SEEDS, Minibatches, mean_scores
from optbench.bridging.model_network import FROM_DATA, ModelNetwork
from optbench.bridging.model_problem import ModelProblem, ModelTask, said
from optbench.bridging.signatures import field_of, required_of, settings_of

__all__ = [
    "FROM_DATA",
    "SEEDS",
    "Minibatches",
    "ModelNetwork",
    "ModelProblem",
    "ModelTask",
    "field_of",
    "mean_scores",
    "required_of",
    "said",
    "settings_of",
]
