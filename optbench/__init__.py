"""optbench: does this initializer, regularizer, optimizer, schedule or normalizer train better, and am I sure?

The names below are the public API, with `optbench.testing`, `optbench.statistics` and `optbench.report`; everything
else may move. A name is imported when it is first used: `import optbench` costs nothing.
"""

import typing

if typing.TYPE_CHECKING:  # and when a name is used: `_homes` reads where it is from here
    from optbench.api import load, plan, run, watched
    from optbench.contract.architecture import Architecture, Extras, Inputs
    from optbench.contract.averages import exponentially_weighted_average
    from optbench.contract.components import (
        BatchTransform,
        Component,
        Constraint,
        HiddenNormalizer,
        Initializer,
        InputNormalizer,
        LayerFactory,
        LayerRegularizer,
        Normalizer,
        Optimizer,
        Penalty,
        Regularizer,
        Schedule,
        State,
        Stopping,
    )
    from optbench.contract.context import Context, GradientFunction, Measurement, Progress
    from optbench.contract.dataset import Data, Dataset
    from optbench.contract.errors import OptbenchError
    from optbench.contract.function import Function
    from optbench.contract.hookspecs import CONTRACT, Deferred, Unavailable, hookimpl
    from optbench.contract.hyperparameters import ComponentError, Hyper, hyper
    from optbench.contract.layer import FixedOp, Layer, Op, Parameter, Shape, Wires, by_channel
    from optbench.contract.layout import Layout, Tensor
    from optbench.contract.metric import Metric
    from optbench.contract.plain_layer import PlainLayer
    from optbench.contract.problem import Problem
    from optbench.lab.descent import descend
    from optbench.lab.fitting import fit, minibatches
    from optbench.lab.model import Model
    from optbench.lab.networks import network, sequential
    from optbench.lab.targets import hardmax
    from optbench.lab.trained import Fit
    from optbench.lab.watched import Watched
    from optbench.lab.workloads import workload_data
    from optbench.nn.activations import ACTIVATIONS, Gelu, GeluTanh, Identity, LeakyRelu, Relu, Sigmoid, Tanh
    from optbench.nn.batch_norm import BatchNorm
    from optbench.nn.convolution import Convolution
    from optbench.nn.dense import Dense
    from optbench.nn.dropout import Dropout
    from optbench.nn.flatten import Flatten
    from optbench.nn.group_norm import GroupNorm
    from optbench.nn.layer_norm import LayerNorm
    from optbench.nn.pooling import AveragePooling, MaxPooling
    from optbench.nn.residual import Residual
    from optbench.nn.rms_norm import RMSNorm
    from optbench.registry.foreign import import_object
    from optbench.registry.named import get
    from optbench.results.comparison import Comparison, compare
    from optbench.results.explaining.explanation import Explanation, explain
    from optbench.results.foretelling import RunPlan
    from optbench.results.reproduction import Reproduction, reproduce
    from optbench.results.results import Results
    from optbench.trials.trial import Assignment, Run, Trial

__all__ = [
    "ACTIVATIONS", "CONTRACT", "Architecture", "Assignment", "AveragePooling", "BatchNorm", "BatchTransform",
    "Comparison", "Component", "ComponentError", "Constraint", "Context", "Convolution", "Data", "Dataset", "Deferred",
    "Dense", "Dropout", "Explanation", "Extras", "Fit", "FixedOp", "Flatten", "Function", "Gelu", "GeluTanh",
    "GradientFunction", "GroupNorm", "HiddenNormalizer", "Hyper", "Identity", "Initializer", "InputNormalizer",
    "Inputs", "Layer", "LayerFactory", "LayerNorm", "LayerRegularizer", "Layout", "LeakyRelu", "MaxPooling",
    "Measurement", "Metric", "Model", "Normalizer", "Op", "OptbenchError", "Optimizer", "Parameter", "Penalty",
    "PlainLayer", "Problem", "Progress", "RMSNorm", "Regularizer", "Relu", "Reproduction", "Residual", "Results", "Run",
    "RunPlan", "Schedule", "Shape", "Sigmoid", "State", "Stopping", "Tanh", "Tensor", "Trial", "Unavailable", "Watched",
    "Wires", "by_channel", "compare", "descend", "explain", "exponentially_weighted_average", "fit", "get", "hardmax",
    "hookimpl", "hyper", "import_object", "load", "minibatches", "network", "plan", "reproduce", "run", "sequential",
    "watched", "workload_data",
]  # fmt: skip


def __dir__() -> list[str]:
    return __all__


if not typing.TYPE_CHECKING:
    from functools import cache

    @cache
    def _homes() -> dict[str, str]:
        """{name: its module}, as the imports above say."""
        import ast

        imports = ast.walk(ast.parse(__loader__.get_source(__name__)))
        found = (node for node in imports if isinstance(node, ast.ImportFrom) and node.module.startswith("optbench."))
        return {alias.name: node.module for node in found for alias in node.names}

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module 'optbench' has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_homes()[name]), name)
        return value
