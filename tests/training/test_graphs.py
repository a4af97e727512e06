"""Graphs from their datasets to what networks train on: one whose nodes are split, and many that are examples."""

import numpy as np
import pytest

from optbench.builtin.datasets.block_model import StochasticBlockModel
from optbench.builtin.datasets.random_graphs import RandomGraphs
from optbench.builtin.normalizers.standardize import Standardize
from optbench.contract.architecture import Inputs
from optbench.contract.dataset import UNCOUNTED, Data, Dataset
from optbench.contract.edges import Edges
from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.training import preparation
from optbench.training.assembly import assemble, stack_limit
from optbench.training.preparation import prepare
from optbench.training.split import Split
from optbench.trials.content import digest
from optbench.trials.trial import SPLITS, Trial

LINE = np.stack([np.arange(39), np.arange(1, 40)], axis=1)


@pytest.fixture(autouse=True)
def empty_cache():
    preparation.forget()


def given(x, y, task="nodes", **more):
    """A dataset of these arrays."""
    return type("Given", (Dataset,), {"name": "given", "task": task, "load": lambda self, rng: Data(x, y, **more)})()


def line(edges=LINE, task="nodes", x=None, y=None):
    x = np.random.default_rng(0).normal(size=(40, 3)) if x is None else x
    return given(x, np.arange(40) % 4 if y is None else y, task, edges=edges)


def test_every_split_is_the_whole_graph_with_the_classes_of_its_own_nodes():
    dataset = line()
    prepared = prepare(dataset, Split(0.3, 0.2), dtype=np.float64)
    data = dataset.load(None)
    assert prepared.inputs == Inputs((40, 3), positions=40, edges=Edges(40, LINE))
    assert (prepared.outputs, prepared.classes, prepared.loss, prepared.metric) == (
        4, 4, "sequence_cross_entropy", "accuracy",
    )  # fmt: skip
    owned = np.zeros(40, int)
    for split, count in zip(SPLITS, (20, 12, 8), strict=True):
        x, y = prepared.examples(split)
        assert np.array_equal(x[0], data.x)
        counted = y[0] != UNCOUNTED
        assert np.array_equal(y[0][counted], data.y[counted])
        assert np.bincount(y[0][counted].astype(int)).tolist() == [count // 4] * 4, "each class in its proportion"
        owned += counted
    assert (owned == 1).all()


def test_fewer_nodes_for_training_leave_the_others_without_a_class():
    whole, few = (prepare(line(), Split(0.3, 0.2, train=train)) for train in (None, 8))
    assert (few.y_train >= 0).sum() == 8
    assert np.array_equal(few.y_train[few.y_train >= 0], whole.y_train[few.y_train >= 0])
    for split in ("validation", "test"):
        assert np.array_equal(whole.examples(split)[1], few.examples(split)[1])


def test_normalizers_see_the_training_nodes_and_scale_all():
    split = Split(0.3, 0.2, train=8)
    prepared = prepare(line(), split, (Standardize(),), np.float64)
    x, own = line().load(None).x, prepared.y_train[0] >= 0
    expected = (x - x[own].mean(axis=0)) / x[own].std(axis=0)
    for name in SPLITS:
        assert np.allclose(prepared.examples(name)[0][0], expected, rtol=1e-12, atol=1e-14)


def test_normalizers_leave_the_edges_of_graphs_alone():
    plain = RandomGraphs(samples=60).load(np.random.default_rng(0)).x
    features = np.random.default_rng(1).normal(size=(60, 16, 2))
    x = np.concatenate([features, plain[..., 1:]], axis=2)
    dataset = given(x, np.arange(60) % 3, "classification", graphs=True)
    prepared = prepare(dataset, normalizers=(Standardize("channel"),))
    assert prepared.inputs == Inputs((16, 18), graphs=True)
    assert np.allclose(prepared.x_train[..., :2].mean(axis=(0, 1)), 0, atol=1e-6)
    found = np.concatenate([prepared.examples(split)[0][..., 2:].reshape(-1, 256) for split in SPLITS])
    assert np.array_equal(np.unique(found, axis=0), np.unique(plain[..., 1:].reshape(60, 256), axis=0))


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (line(np.zeros((0, 2), int)), "dataset given: its graph has no edges"),
        (line([]), "dataset given: its graph has no edges"),
        (line([[0, 1], [3, 40]]), "an edge joins node 40, but nodes are 0 to 39"),
        (line([[-1, 1]]), "an edge joins node -1, but nodes are 0 to 39"),
        (line([[0, 1], [7, 7]]), "an edge joins node 7 with itself"),
        (line([[0.0, 1.0]]), r"edges must be numbers of nodes \(edges, 2\), got float64 \(1, 2\)"),
        (line([0, 1]), r"edges must be numbers of nodes \(edges, 2\), got int64 \(2,\)"),
        (line(None), "edges belong to task nodes, and only to it; its task is nodes"),
        (line(task="classification"), "edges belong to task nodes, and only to it; its task is classification"),
        (line(x=np.zeros((40, 3, 2))), r"x of a graph must be \(nodes, features\), got shape \(40, 3, 2\)"),
        (line(y=np.arange(40) % 4 - 1), "class numbers must be 0, 1, … without a gap"),
        (line(y=np.zeros((40, 2), int)), r"y must be class numbers 0, 1, … \(examples,\)"),
    ],
)
def test_what_is_no_graph(dataset, message):
    with pytest.raises(OptbenchError, match=message):
        prepare(dataset)


def graphs(change):
    x = RandomGraphs(samples=30).load(np.random.default_rng(0)).x
    return given(change(x), np.arange(30) % 3, "classification", graphs=True)


def put(place, value):
    def change(x):
        x[place] = value
        return x

    return change


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (graphs(lambda x: x[..., 1:]), r"\(examples, nodes, features \+ nodes\), got shape \(30, 16, 16\)"),
        (graphs(lambda x: x[:, 0]), r"\(examples, nodes, features \+ nodes\), got shape \(30, 17\)"),
        (graphs(put((2, 3, 1 + 3), 1)), "the last 16 columns of x must be adjacency matrices"),
        (graphs(put((2, 3, 1 + 4), 0.5)), "the last 16 columns of x must be adjacency matrices"),
        (graphs(lambda x: np.concatenate([x[..., :1], np.triu(x[..., 1:])], 2)), "and symmetric"),
        (graphs(put((..., slice(1, None)), 0)), "none of its graphs has an edge"),
    ],
)
def test_what_are_no_graphs(dataset, message):
    with pytest.raises(OptbenchError, match=message):
        prepare(dataset)


def test_edges_are_part_of_what_a_dataset_holds():
    x, y = np.eye(4), np.arange(4)
    different = [
        Data(x, y),
        Data(x, y, edges=np.array([[0, 1]])),
        Data(x, y, edges=np.array([[0, 2]])),
        Data(x, y, edges=np.array([[0, 2], [0, 1]])),
        Data(x, y, graphs=True),
    ]
    assert len({digest(data) for data in different}) == len(different)


def test_edges_are_equal_where_they_join_the_same_nodes():
    edges = Edges(4, np.array([[2, 1], [0, 3], [1, 2]]))
    assert edges == Edges(4, np.array([[0, 3], [1, 2]]))
    assert hash(edges) == hash(Edges(4, np.array([[0, 3], [1, 2]])))
    assert edges != Edges(5, edges.pairs)
    assert edges != Edges(4, edges.pairs[:1])
    assert edges != "edges"
    assert edges.degrees.tolist() == [1, 1, 1, 1]
    assert Edges(3, np.array([[2, 0], [2, 1]])).degrees.tolist() == [1, 1, 2]


def trial(dataset, network, **workload):
    workload = {
        "dataset": dataset,
        "network": network,
        "split": {"validation": 0.25, "test": 0.25, "seed": 0},
        "batch_size": "full",
        "dtype": "float64",
        "steps": 3,
        "evaluate_every": 1,
        **workload,
    }
    components = {
        "optimizer": {"name": "sgd"},
        "schedule": {"name": "constant"},
        "initializer": {"name": "glorot"},
        "normalizers": [],
        "regularizers": [],
    }
    return Trial(workload, components, 1, providers={})


def test_trials_on_one_graph_are_stacked():
    assert stack_limit(trial({"name": "karate-club"}, {"name": "gcn"}), registry()) > 1
    assert stack_limit(trial({"name": "random-graphs"}, {"name": "gin"}), registry()) == 1


@pytest.mark.parametrize("nodes", [40, 300])
def test_a_split_is_measured_on_its_own_nodes(nodes):
    """Forward and scores by plain arithmetic on dense matrices, whichever way the network goes."""
    settings = {"name": "stochastic-block-model", "nodes": nodes, "degree": 3.0, "features": 5}
    problem = assemble([trial(settings, {"name": "gcn", "width": 4})], registry()).problem
    dataset = StochasticBlockModel(**{k: v for k, v in settings.items() if k != "name"})
    prepared = prepare(dataset, Split(0.25, 0.25), dtype=np.float64)
    a = np.eye(nodes)
    a[tuple(prepared.edges.pairs.T)] = a.T[tuple(prepared.edges.pairs.T)] = 1
    m = a / np.sqrt(np.outer(a.sum(0), a.sum(0)))
    w0, b0, w1, b1 = problem.layout.views(problem.params[0]).values()
    logits = m @ np.maximum(m @ prepared.x_train[0] @ w0 + b0, 0) @ w1 + b1
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    scores = [*problem.evaluate(0, problem.params[0]), *problem.test(0, problem.params[0])]
    for split, found in zip(SPLITS, np.reshape(scores, (3, 2)), strict=True):
        y = prepared.examples(split)[1][0]
        own = np.flatnonzero(y >= 0)
        loss = -log_p[own, y[own].astype(int)].mean()
        assert found == pytest.approx([loss, (logits[own].argmax(axis=1) == y[own]).mean()], rel=1e-10)
    assert problem.full
    assert problem.steps_per_epoch == 1


def test_many_graphs_are_pooled_by_plain_arithmetic():
    kind = {"name": "gin", "width": 4, "depth": 2}
    problem = assemble([trial({"name": "random-graphs", "samples": 60}, kind)], registry()).problem
    x, y = prepare(RandomGraphs(samples=60), Split(0.25, 0.25), dtype=np.float64).examples("validation")
    tensors = list(problem.layout.views(problem.params[0]).values())
    losses = []
    for graph, wanted in zip(x, y, strict=True):
        h, a = graph[:, :1], graph[:, 1:] + np.eye(16)
        for layer in (0, 1):
            u, b, v, c = tensors[4 * layer : 4 * layer + 4]
            h = np.maximum(np.maximum(a @ h @ u + b, 0) @ v + c, 0)
        z = h.mean(axis=0) @ tensors[8] + tensors[9]
        losses.append(np.log(np.exp(z).sum()) - z @ wanted)
    assert problem.evaluate(0, problem.params[0])[2] == pytest.approx(np.mean(losses), rel=1e-10)
