"""What a training step costs, without a clock: calls into C code and bytes allocated, for the reference networks.

On these networks a step is mostly the cost of calling NumPy, so a call more is a slower step on every machine.
The numbers may only go down; whoever raises one says why in the commit. Arithmetic of Python numbers
is counted, too; it costs a tenth of a call of NumPy.
"""

import dis
import gc
import sys
import threading
import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest

from optbench.builtin.initializers import HeNormal
from optbench.builtin.networks.mlp_mixer import MLPMixer
from optbench.builtin.networks.vit import VisionTransformer
from optbench.builtin.optimizers import SGD, Adam
from optbench.builtin.schedules import Constant
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.edges import Edges
from optbench.nn.activations import Relu
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.category_embedding import CategoryEmbedding
from optbench.nn.convolution import Convolution
from optbench.nn.dense import Dense
from optbench.nn.embedding import Embedding
from optbench.nn.equation import Equation
from optbench.nn.factorization import Factorization
from optbench.nn.fourier import FourierFeatures
from optbench.nn.graph_convolution import GraphConvolution
from optbench.nn.jets import JetActivation, JetDense
from optbench.nn.latent import GaussianLatent
from optbench.nn.losses import SequenceCrossEntropy, SoftmaxCrossEntropy
from optbench.nn.lstm import LSTM
from optbench.nn.neighbour_sum import NeighbourSum
from optbench.nn.network import Network
from optbench.nn.pairwise_products import PairwiseProducts
from optbench.nn.pooling import MaxPooling
from optbench.nn.positions import MeanOverPositions
from optbench.nn.sine import Sine, SineProduct
from optbench.training.network_problem import NetworkProblem
from optbench.training.preparation import Prepared
from optbench.training.trainer import Budget, Recipe, Training

CALLS = {"CALL", "CALL_KW", "CALL_FUNCTION_EX"}
OPERATORS = {"BINARY_OP"}


def mlp(*hidden):
    return [layer for units in hidden for layer in (Dense(units), Relu())] + [Dense(10)]


def gcn(edges):
    return [GraphConvolution(16, edges), Relu(), GraphConvolution(10, edges)]


def ring(nodes):
    return Edges(nodes, np.stack([np.arange(nodes), (np.arange(nodes) + 1) % nodes], axis=1))


SIREN = [SineProduct(32, first=True), Sine(30.0), SineProduct(32), Sine(30.0), SineProduct(10)]

#: name: (layers, shape, batch, stack, optimizer, calls into C, bytes at the peak of a step)
REFERENCES = {
    "digits-mlp": (mlp(64, 32), (64,), 64, 1, Adam(), 60, 5_000),
    "digits-mlp, descent": (mlp(64, 32), (64,), 64, 1, SGD(), 31, 5_000),
    "eight hidden layers": (mlp(*[64] * 8), (64,), 64, 1, Adam(), 96, 5_000),
    "mnist-mlp": (mlp(256, 128), (784,), 128, 1, Adam(), 60, 7_000),
    "digits-mlp with batch norm": (
        [Dense(64), BatchNorm(), Relu(), Dense(10)], (64,), 64, 1, Adam(), 88, 18_000,
    ),
    "digits-cnn": (
        [Convolution(8), MaxPooling(), Relu(), Convolution(16), MaxPooling(), Relu(), Dense(10)],
        (8, 8, 1), 64, 1, Adam(), 96, 97_000,
    ),
    # What is added up comes from SciPy as an array of the tables' size, as the vectors that it is made of do.
    "matrix factorization": ([Factorization((200, 100), 8, outputs=10)], (2,), 64, 1, Adam(), 74, 98_000),
    "dlrm": (
        [CategoryEmbedding((200, 100, 50), 8, (Dense(8), Relu())), PairwiseProducts(8, True), *mlp(16)],
        (7,), 64, 1, Adam(), 89, 15_000,
    ),
    "gcn": (gcn(ring(34)), (34, 34), 1, 1, Adam(), 54, 5_500),
    # Products with a sparse matrix come from SciPy as arrays.
    "gcn of a sparse graph": (gcn(ring(500)), (500, 64), 1, 1, Adam(), 70, 42_000),
    "a stack of 8 on a graph": (gcn(ring(34)), (34, 34), 1, 8, Adam(), 285, 20_000),
    # NumPy goes through buffers for products of views, larger ones before version 2.3.
    "gin": (
        [NeighbourSum(), Dense(16), Relu(), Dense(16), Relu(), MeanOverPositions(), Dense(10)],
        (16, 1 + 16), 32, 1, Adam(), 65, 70_000,
    ),
    "siren": (SIREN, (2,), 64, 1, Adam(), 64, 5_000),
    "fourier features": ([FourierFeatures(32), *mlp(32)], (2,), 64, 1, Adam(), 58, 5_000),
    # NumPy goes through buffers where it repeats a column and a row.
    "poisson": ([Equation((JetDense(16), JetActivation(), JetDense(10)))], (1,), 64, 1, Adam(), 98, 27_000),
    "vae": ([Dense(16), GaussianLatent(), *mlp(32)], (64,), 64, 1, Adam(), 71, 5_000),
    # NumPy goes through buffers where several times are worked on at once, whose gates lie between times and units.
    "an lstm of 8 tokens": (
        [Embedding(20, 8), LSTM(16, every=True), Dense(10)], (8,), 16, 1, Adam(), 213, 76_000,
    ),
    # NumPy goes through buffers where heads lie between the units and the positions.
    "a transformer of two blocks": (
        VisionTransformer().layers(Inputs((8, 8, 1)), 10, Extras()), (8, 8, 1), 64, 1, Adam(), 260, 101_000,
    ),
    "a mixer of two blocks": (
        MLPMixer().layers(Inputs((8, 8, 1)), 10, Extras()), (8, 8, 1), 64, 1, Adam(), 246, 70_000,
    ),
    "a stack of 8": (mlp(64, 32), (64,), 64, 8, Adam(), 305, 68_000),
}  # fmt: skip


def training(layers, shape, batch, stack, optimizer):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4 * batch, *shape)).astype("f4")
    for column, categories in enumerate(getattr(layers[0], "categories", ())):
        x[:, column] = rng.integers(categories, size=len(x))
    y, task = np.eye(10, dtype="f4")[rng.integers(0, 10, len(x))], "classification"
    network = Network(layers, shape, SoftmaxCrossEntropy)
    if isinstance(layers[0], Embedding):
        x = rng.integers(layers[0].vocabulary, size=x.shape).astype("f4")
        y, task = rng.integers(-1, 10, (len(x), network.positions)).astype("f4"), "sequence"
        network = Network(layers, shape, SequenceCrossEntropy)
    elif network.positions > 1:
        x, y, task = x[:1], rng.integers(-1, 10, (1, network.positions)).astype("f4"), "nodes"
        network = Network(layers, shape, SequenceCrossEntropy)
    data = Prepared(x, y, x[:5], y[:5], x[:5], y[:5], task, 10, np.zeros(1), np.zeros(1))
    seeds = range(1, stack + 1)
    problem = NetworkProblem(network, data, batch, seeds, [HeNormal()] * stack)
    made = Training(problem, [Recipe(optimizer, Constant(), s) for s in seeds], Budget(1000, 1000))
    for _ in range(5):  # the first step of an epoch shuffles: measure in the middle of one
        made.step()
    return made


def calls_into_c(function):
    """How many calls and arithmetic operators of Python code went to something that is not Python code."""

    def count(function):
        counter = Counter()
        gc.disable()  # others may be called back when it collects: Hypothesis is
        try:
            with counter.tracing() if sys.version_info < (3, 12) else counter.monitoring():
                function()
        finally:
            gc.enable()
        return counter.made

    # Less what counting itself takes; the call of the function goes to Python code, too.
    return count(function) - count(lambda: None) - 1


class Counter:
    """Calls and operators that were reached, less the calls of Python functions."""

    def __init__(self):
        self.made = 0
        self.thread = threading.get_ident()  # from Python 3.12 on, other threads' code is reported, too
        self.names: dict[object, dict[int, str]] = {}

    def reached(self, code, offset):
        if threading.get_ident() != self.thread:
            return
        if code not in self.names:
            # from Python 3.14 on a subscript is a binary operator, too; it is none here
            made = (i for i in dis.get_instructions(code) if i.argrepr != "[]")
            self.names[code] = {i.offset: i.opname for i in made}
        self.made += self.names[code].get(offset) in CALLS | OPERATORS

    def entered(self, code, offset):
        self.made -= threading.get_ident() == self.thread

    @contextmanager
    def tracing(self):
        def trace(frame, event, argument):
            if event == "call":
                frame.f_trace_opcodes = True
                self.entered(frame.f_code, 0)
            elif event == "opcode":
                self.reached(frame.f_code, frame.f_lasti)
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(before)

    @contextmanager
    def monitoring(self):
        """From Python 3.12 on: there, tracing reports no opcodes of functions that were called before."""
        events, tool = sys.monitoring.events, sys.monitoring.PROFILER_ID
        sys.monitoring.use_tool_id(tool, "calls into C")
        sys.monitoring.register_callback(tool, events.INSTRUCTION, self.reached)
        sys.monitoring.register_callback(tool, events.PY_START, self.entered)
        sys.monitoring.set_events(tool, events.INSTRUCTION | events.PY_START)
        try:
            yield
        finally:
            sys.monitoring.set_events(tool, 0)
            for event in (events.INSTRUCTION, events.PY_START):
                sys.monitoring.register_callback(tool, event, None)
            sys.monitoring.free_tool_id(tool)


def test_the_counter_counts():
    def work():
        a = np.empty(3)
        np.add(a, a, out=a)
        a += 1
        inner(a)

    def inner(a):
        return a.sum()

    # empty, add, +=, sum; less one for the call of `work` itself
    assert calls_into_c(work) == 3


@pytest.mark.parametrize("name", REFERENCES)
def test_a_step_makes_no_more_calls_and_allocates_no_more(name):
    *setting, calls, most = REFERENCES[name]
    made = training(*setting)
    counted = calls_into_c(made.step)
    made.step()
    tracemalloc.start()
    made.step()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    made.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    allocated = peak - before
    print(f"{name}: {counted} calls, {allocated} bytes")
    assert counted <= calls
    assert allocated <= most
