"""Latent variables: the draw, the divergence in the loss, and what holds through a step."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from optbench.builtin.networks.vae import VAE
from optbench.builtin.regularizers.dropout import DropoutRegularizer
from optbench.contract.architecture import Extras, Inputs
from optbench.contract.components import HiddenNormalizer
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import ComponentError
from optbench.nn.activations import Identity, Tanh
from optbench.nn.dense import Dense
from optbench.nn.dropout import Dropout
from optbench.nn.evaluator import Evaluator
from optbench.nn.latent import GaussianLatent
from optbench.nn.losses import MeanSquaredError, ReconstructionCrossEntropy
from optbench.nn.network import Network
from optbench.nn.residual import Residual
from optbench.registry.registry import registry
from optbench.testing.gradcheck import THRESHOLD, check_layer, check_network

NORMALIZERS = [n for n, e in registry().components["normalizers"].items() if issubclass(e.component, HiddenNormalizer)]
ALONE = [Identity(), GaussianLatent(0.7)]


def bind(layers, shape=(4,), batch=5, rows=1, dtype="float64", seed=0, memory=None):
    network = Network(layers, shape, MeanSquaredError)
    params = np.random.default_rng(1).normal(size=(rows, network.layout.size)).astype(dtype)
    rngs = [np.random.default_rng([seed, row]) for row in range(rows)]
    state = network.initial_state(rows, params.dtype)
    graph = network.bind(params, np.zeros_like(params), state, batch, rngs, memory)
    place = graph.x[..., :-1] if network.wide else graph.x
    place[...] = np.random.default_rng(2).normal(size=place.shape)
    return graph


def test_layers():
    drop = Dropout(0.5)
    assert VAE((8, 6), 2, 0.5, "tanh").layers(Inputs((5,)), 5, Extras([DropoutRegularizer(0.5)])) == [
        *[Dense(8), Tanh(), drop, Dense(6), Tanh(), drop, Dense(4), GaussianLatent(0.5)],
        *[Dense(6), Tanh(), drop, Dense(8), Tanh(), drop, Dense(5)],
    ]


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_gradient_with_what_it_adds_to_the_loss(beta):
    assert check_layer(GaussianLatent(beta), (6,)) < THRESHOLD


@pytest.mark.parametrize("normalizer", NORMALIZERS)
@pytest.mark.parametrize("loss", [ReconstructionCrossEntropy, MeanSquaredError], ids=lambda loss: loss.name)
def test_gradient_with_every_normalizer_and_dropout(normalizer, loss):
    extras = Extras([registry().create("normalizers", {"name": normalizer}), DropoutRegularizer(0.7)])
    network = Network(VAE((8,), 3, 1.0, "tanh").layers(Inputs((5,)), 5, extras), (5,), loss)
    assert check_network(network) < THRESHOLD


def test_gradient_within_a_block():
    layer = Residual((Dense(8), GaussianLatent(0.5), Dense(4)))
    assert check_network(Network([layer, Dense(3)], (4,), MeanSquaredError)) < THRESHOLD


def test_it_adds_the_divergence_of_its_formula():
    graph = bind(ALONE)
    graph.targets[...] = 0
    graph.forward()
    expected = 0.0
    for mean, log in zip(graph.x[0, :, :2].ravel(), graph.x[0, :, 2:].ravel(), strict=True):
        own = norm(mean, np.exp(log / 2))
        expected += quad(lambda z, own=own: own.pdf(z) * (own.logpdf(z) - norm.logpdf(z)), -20, 20)[0]
    assert graph.value()[0] - graph.loss.value()[0] == pytest.approx(0.7 * expected / 5, rel=1e-6)


def test_draws_have_their_law_and_hold_through_a_step():
    graph = bind(ALONE, batch=4000)
    graph.x[...] = [1.0, -2.0, np.log(4.0), np.log(0.25)]
    graph.forward()
    np.testing.assert_allclose(graph.logits[0].mean(axis=0), [1, -2], atol=0.1)
    np.testing.assert_allclose(graph.logits[0].std(axis=0), [2, 0.5], rtol=0.05)
    first = graph.logits.copy()
    other = bind(ALONE, batch=4000, memory=graph.memory)
    other.x[...] = graph.x
    other.forward(True, False)
    np.testing.assert_array_equal(other.logits, first)
    graph.forward(True, True)
    assert (graph.logits != first).all()


def test_rows_of_a_stack_draw_what_they_would_draw_alone():
    together = bind(ALONE, rows=3, dtype="float32")
    together.forward()
    for row in range(3):
        network = together.network
        params = np.zeros((1, 0), np.float32)
        alone = network.bind(params, params.copy(), [{}, {}], 5, [np.random.default_rng([0, row])])
        alone.x[0] = together.x[row]
        alone.forward()
        np.testing.assert_array_equal(alone.logits[0], together.logits[row])
        assert alone.value()[0] == together.value()[row]
        assert alone.logits.dtype == np.float32


def test_evaluations_have_one_noise_whatever_the_chunks():
    """The loss of 30 examples is the same in chunks of 30, and an example's draw does not depend on their number."""
    network = Network(VAE((8,), 3).layers(Inputs((5,)), 5, Extras()), (5,), ReconstructionCrossEntropy)
    rng = np.random.default_rng(0)
    params, x = rng.normal(size=network.layout.size), rng.uniform(size=(30, 5))
    state = network.initial_state(1, params.dtype)
    evaluate = Evaluator(network, [(x, x)], "r2", state)
    first = evaluate(params, state)
    assert evaluate(params, state) == first
    assert evaluate(params * 1.1, state) != first
    assert Evaluator(network, [(x, x)], "r2", state)(params, state) == first
    few, many = (bind(ALONE, batch=batch) for batch in (3, 9))
    for graph in (few, many):
        graph.x[...] = 0
        graph.forward(False, False)
    np.testing.assert_array_equal(few.logits[0], many.logits[0, :3])


def test_the_loss_of_an_evaluation_is_the_bound():
    """Cross-entropy and divergence, by hand from the op's own variables."""
    network = Network(VAE((8,), 3, 2.0).layers(Inputs((5,)), 5, Extras()), (5,), ReconstructionCrossEntropy)
    rng = np.random.default_rng(0)
    params, x = rng.normal(size=(1, network.layout.size)) * 0.3, rng.uniform(size=(20, 5))
    state = network.initial_state(1, params.dtype)
    graph = network.bind(params, None, state, 20)
    graph.x[0, :, :-1] = x
    graph.forward(False, False)
    variables = np.asarray(graph.outputs[2][0])[:, :6]
    mean, log = variables[:, :3], variables[:, 3:]
    kl = 0.5 * (mean**2 + np.exp(log) - 1 - log).sum(axis=1).mean()
    p = 1 / (1 + np.exp(-np.asarray(graph.logits[0])))
    cross = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1).mean()
    ((found, _),) = Evaluator(network, [(x, x)], "r2", state)(params[0], state)
    assert found == pytest.approx(cross + 2 * kl, rel=1e-12)


def test_float32_does_not_overflow_before_its_logarithm_does():
    graph = bind(ALONE, dtype="float32")
    graph.x[...] = 300.0
    with np.errstate(all="ignore"):
        graph.forward(False, False)
    assert np.isfinite(graph.ops[1].added_loss()).all()


def test_what_it_refuses():
    with pytest.raises(OptbenchError, match=r"a mean and a log variance each, got features of shape \(5,\)"):
        Network([GaussianLatent(), Dense(2)], (5,), MeanSquaredError)
    for field, value in [("latent", 0), ("beta", -1.0), ("hidden", [0]), ("activation", "relo")]:
        with pytest.raises(ComponentError, match=f"network vae: {field}"):
            VAE(**{field: value})
