"""Graphs: the known one, and those that are drawn as their formulas say."""

import numpy as np
import pytest

from optbench.builtin.datasets.block_model import StochasticBlockModel
from optbench.builtin.datasets.karate_club import KarateClub
from optbench.builtin.datasets.random_graphs import RandomGraphs
from optbench.contract.edges import Edges


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_the_karate_club_has_its_numbers(rng):
    data = KarateClub().load(rng)
    edges = Edges(34, data.edges)
    assert len(edges.pairs) == len(data.edges) == 78
    # The instructor (1), the officers' president (34) and his neighbour in the table: Zachary's figure 1.
    assert edges.degrees[[0, 33, 32, 2, 11]].tolist() == [16, 17, 12, 10, 1]
    a = np.zeros((34, 34))
    a[tuple(data.edges.T)] = a.T[tuple(data.edges.T)] = 1
    assert np.trace(np.linalg.matrix_power(a, 3)) / 6 == pytest.approx(45), "triangles"
    assert data.y[[0, 33]].tolist() == [0, 1]
    cut = (data.y[edges.pairs[:, 0]] != data.y[edges.pairs[:, 1]]).sum()
    assert cut == 11, "the split cut few friendships"


@pytest.mark.oracle
def test_the_karate_club_is_that_of_networkx(rng):
    networkx = pytest.importorskip("networkx")
    graph = networkx.karate_club_graph()
    data = KarateClub().load(rng)
    assert Edges(34, data.edges) == Edges(34, np.array(graph.edges))
    assert data.y.tolist() == [int(graph.nodes[node]["club"] == "Officer") for node in range(34)]


def test_blocks_are_joined_within_and_between_as_often_as_they_should(rng):
    data = StochasticBlockModel(nodes=3000, blocks=3, degree=10.0, inside=0.6, features=4, signal=2.0).load(rng)
    same = data.y[data.edges[:, 0]] == data.y[data.edges[:, 1]]
    assert 2 * len(data.edges) / 3000 == pytest.approx(10, rel=0.05)
    assert same.mean() == pytest.approx(0.6, abs=0.02)
    assert (data.edges[:, 0] < data.edges[:, 1]).all()
    for block in range(3):
        np.testing.assert_allclose(np.cov(data.x[data.y == block].T), np.eye(4), atol=0.15)


def test_edges_that_say_nothing(rng):
    data = StochasticBlockModel(nodes=2000, blocks=4, inside=0.25).load(rng)
    same = data.y[data.edges[:, 0]] == data.y[data.edges[:, 1]]
    assert same.mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(("nodes", "rewired"), [(16, 0.3), (6, 1.0), (9, 0.0)])
def test_random_graphs_have_their_edges(rng, nodes, rewired):
    data = RandomGraphs(samples=300, nodes=nodes, rewired=rewired).load(rng)
    assert (data.x[..., 0] == 1).all()
    a = data.x[..., 1:]
    assert a.shape == (300, nodes, nodes)
    assert set(np.unique(a)) == {0, 1}
    assert (a == a.swapaxes(1, 2)).all()
    assert (a.diagonal(axis1=1, axis2=2) == 0).all()
    assert (a.sum(axis=(1, 2)) == 2 * (2 * nodes - 3)).all(), "no class has more of them"


def test_random_graphs_differ_in_who_is_joined(rng):
    data = RandomGraphs(samples=3000, nodes=16, rewired=0.1).load(rng)
    a = data.x[..., 1:]
    spread = a.sum(axis=2).var(axis=1)
    triangles = np.einsum("gij,gjk,gki->g", a, a, a, optimize=True) / 6
    uniform, grown, small = (data.y == label for label in range(3))
    # Of n (n - 1) / 2 places 2 n - 3 are taken without replacement: a degree is hypergeometric.
    places, edges = 120, 29
    expected = 15 * edges / places * (1 - edges / places) * (places - 15) / (places - 1)
    assert spread[uniform].mean() == pytest.approx(expected, rel=0.05)
    assert spread[grown].mean() > 1.5 * expected
    assert spread[small].mean() < 0.5 * expected
    assert triangles[small].mean() > 1.2 * triangles[uniform].mean()
    assert (np.linalg.matrix_power(a[grown] + np.eye(16), 15) > 0).all(), "what grew is connected"
    # Nodes are in random order: the first is as any other.
    assert a[grown, 0].sum(axis=1).mean() == pytest.approx(2 * 29 / 16, rel=0.06)


def test_unrewired_small_worlds_are_rings(rng):
    data = RandomGraphs(samples=30, nodes=12, rewired=0.0).load(rng)
    a = data.x[data.y == 2][..., 1:]
    # A ring of 12 with each joined to two on either side has 12 triangles; an edge left out takes one or two.
    triangles = np.einsum("gij,gjk,gki->g", a, a, a) / 6
    assert ((triangles >= 6) & (triangles <= 9)).all()
    assert a.sum(axis=2).max() == 4
