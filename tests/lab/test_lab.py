"""Fits by hand against the same arithmetic written out in plain NumPy, as the course does: columns are examples."""

from itertools import islice, pairwise

import numpy as np
import pytest

from optbench import OptbenchError, fit, hardmax, minibatches, network
from optbench.builtin.initializers import HeNormal, Zeros
from optbench.builtin.normalizers import BatchNormalization, Standardize
from optbench.builtin.optimizers import ASGD, SGD, Adam, Momentum
from optbench.builtin.regularizers import L2, DropoutRegularizer, MaxNorm
from optbench.builtin.schedules import Exponential, InverseTime
from optbench.contract.components import Optimizer
from optbench.testing.gradcheck import central_differences

SIZES, ACTIVATIONS = [2, 10, 5, 1], ["relu", "relu", "sigmoid"]


# ------------------------------------------------------------------------- the course's arithmetic, written out


def forward(tensors, x):
    """x (inputs, examples); tensors W1, b1, … with W (units, inputs), b (units, 1)."""
    a, caches = x, []
    layers = len(tensors) // 2
    for layer in range(layers):
        w, b = tensors[2 * layer], tensors[2 * layer + 1]
        z = w @ a + b
        caches.append((a, z))
        a = np.maximum(0, z) if layer < layers - 1 else 1 / (1 + np.exp(-z))
    return a, caches


def cost_and_gradients(tensors, x, y, lam=0.0, examples=1):
    """Cross-entropy, plus lam / (2 examples) times the sum of squared weights; gradients as the tensors are."""
    m = x.shape[1]
    a, caches = forward(tensors, x)
    z = caches[-1][1]  # log a = -log(1 + exp(-z)), which the course writes as np.log(a), and which is -inf for large z
    cost = float((y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)).sum() / m)
    cost += lam / (2 * examples) * sum(float((w**2).sum()) for w in tensors[::2])
    grads = [None] * len(tensors)
    dz = a - y
    for layer in reversed(range(len(caches))):
        before, _ = caches[layer]
        w = tensors[2 * layer]
        grads[2 * layer] = dz @ before.T / m + lam / examples * w
        grads[2 * layer + 1] = dz.sum(axis=1, keepdims=True) / m
        if layer:
            dz = (w.T @ dz) * (caches[layer - 1][1] > 0)
    return cost, grads


def descent(rate, **_):
    def update(tensors, grads, t, factor):
        for w, g in zip(tensors, grads, strict=True):
            w -= rate * factor * g

    return update


def momentum(rate, beta=0.9):
    velocities = {}

    def update(tensors, grads, t, factor):
        for i, (w, g) in enumerate(zip(tensors, grads, strict=True)):
            v = beta * velocities.get(i, 0) + (1 - beta) * g
            velocities[i] = v
            w -= rate * factor * v

    return update


def adam(rate, beta1=0.9, beta2=0.999, eps=1e-8):
    firsts, seconds = {}, {}

    def update(tensors, grads, t, factor):
        for i, (w, g) in enumerate(zip(tensors, grads, strict=True)):
            firsts[i] = beta1 * firsts.get(i, 0) + (1 - beta1) * g
            seconds[i] = beta2 * seconds.get(i, 0) + (1 - beta2) * g**2
            corrected = firsts[i] / (1 - beta1 ** (t + 1)), seconds[i] / (1 - beta2 ** (t + 1))
            w -= rate * factor * corrected[0] / (np.sqrt(corrected[1]) + eps)

    return update


def by_hand(tensors, x, y, update, batches, steps, lam=0.0, factor=lambda step: 1.0):
    """Costs of each step, and the last tensors; x (inputs, examples), y (1, examples)."""
    tensors, costs = [t.copy() for t in tensors], []
    for step, index in zip(range(steps), batches, strict=False):
        cost, grads = cost_and_gradients(tensors, x[:, index], y[:, index], lam, x.shape[1])
        costs.append(cost)
        update(tensors, grads, step, factor(step))
    return np.array(costs), tensors


@pytest.fixture(scope="module")
def problem():
    """150 points in three shapes: rows for optbench, columns for the course, and weights of both kinds."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(150, 2))
    y = (x[:, 0] ** 2 + x[:, 1] > 0.3).astype(int)
    tensors = []
    for inputs, units in pairwise(SIZES):
        tensors += [rng.normal(size=(units, inputs)) * np.sqrt(2 / inputs), 0.1 * rng.normal(size=(units, 1))]
    net = network(SIZES, ACTIVATIONS, dtype="float64")
    params = net.flat([t.T if t.shape[1] > 1 or i % 2 == 0 else t[:, 0] for i, t in enumerate(tensors)])
    return net, params, tensors, x, y


PAIRS = {
    "descent": (SGD(lr=0.3), lambda: descent(0.3)),
    "momentum": (Momentum(lr=0.5, beta=0.9), lambda: momentum(0.5)),
    "adam": (Adam(lr=0.01), lambda: adam(0.01)),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("size", [None, 64, 1], ids=["batch", "64", "1"])
def test_every_cost_and_the_last_weights_are_the_written_out_ones(problem, name, size):
    net, params, tensors, x, y = problem
    optimizer, update = PAIRS[name]
    steps = 120

    def batches():  # of 64, 64 and 22
        return iter([np.arange(150)] * steps) if size is None else minibatches(150, size, seed=4)

    fitted = fit(net, x, y, optimizer, steps=steps, params=params, batches=None if size is None else batches())
    costs, last = by_hand(tensors, x.T, y[None], update(), batches(), steps)
    np.testing.assert_allclose(fitted.costs, costs, rtol=1e-12, atol=1e-12)
    for view, tensor in zip(net.views(fitted.params).values(), last, strict=True):
        np.testing.assert_allclose(view, tensor.T.reshape(view.shape), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(fitted.predict(x), forward(last, x.T)[0].T, rtol=1e-10)


def test_a_regularized_cost_and_a_decaying_rate_are_the_written_out_ones(problem):
    net, params, tensors, x, y = problem
    lam, decay = 0.7, 0.5
    fitted = fit(
        net, x, y, SGD(lr=0.3), steps=60, params=params, batches=minibatches(150, 64, seed=1),
        penalties=[L2(strength=lam / 150)], schedule=InverseTime(decay=decay),
    )  # fmt: skip
    costs, _ = by_hand(
        tensors, x.T, y[None], descent(0.3), minibatches(150, 64, seed=1), 60, lam, lambda t: 1 / (1 + decay * (t // 3))
    )
    np.testing.assert_allclose(fitted.costs, costs, rtol=1e-12)
    assert fitted.costs[0] > fit(net, x, y, SGD(lr=0.3), steps=1, params=params).costs[0]


def test_the_first_parameters_are_copied_and_training_can_go_on(problem):
    net, params, _, x, y = problem
    before = params.copy()
    whole = fit(net, x, y, SGD(lr=0.1), steps=20, params=params)
    half = fit(net, x, y, SGD(lr=0.1), steps=10, params=params)
    rest = fit(net, x, y, SGD(lr=0.1), steps=10, params=half.params)
    assert (params == before).all()
    assert (rest.params == whole.params).all()
    assert (np.concatenate([half.costs, rest.costs]) == whole.costs).all()


def test_no_steps_give_the_first_parameters(problem):
    net, params, _, x, y = problem
    nothing = fit(net, x, y, Adam(), steps=0, params=params)
    assert (nothing.params == params).all()
    assert nothing.costs.shape == (0,)
    assert nothing.cost(x, y) == pytest.approx(fit(net, x, y, Adam(), steps=1, params=params).costs[0], rel=1e-12)


def test_cost_and_gradient_are_those_of_a_step(problem):
    net, params, tensors, x, y = problem
    cost, grad = net.cost_and_gradient(params, x, y, [L2(strength=0.02)])
    expected, grads = cost_and_gradients(tensors, x.T, y[None], 0.02 * 150, 150)
    assert cost == pytest.approx(expected, rel=1e-12)
    flat = np.concatenate([g.T.ravel() for g in grads])
    np.testing.assert_allclose(grad, flat, rtol=1e-10, atol=1e-13)


def test_float32_stays_float32(problem):
    _, params, _, x, y = problem
    net = network(SIZES, ACTIVATIONS)
    fitted = fit(net, x, y, Adam(), steps=5, params=params, schedule=Exponential())
    assert fitted.params.dtype == np.float32
    assert fitted.predict(x).dtype == np.float32


# ---------------------------------------------------------------------------------------- layers and components


def test_dropout_acts_in_training_only_and_by_its_seed(problem):
    _, params, _, x, y = problem
    net = network(SIZES, ACTIVATIONS, dtype="float64", extras=[DropoutRegularizer(keep=0.5)])
    plain = network(SIZES, ACTIVATIONS, dtype="float64")
    one, same, other = (
        fit(net, x, y, SGD(lr=0.1), steps=5, params=params, seed=s) for s in (1, 1, 2)
    )
    assert (one.costs == same.costs).all()
    assert not (one.costs == other.costs).any()
    still = fit(net, x, y, SGD(lr=0.1), steps=0, params=params)
    assert (still.predict(x) == fit(plain, x, y, SGD(lr=0.1), steps=0, params=params).predict(x)).all()


def test_each_hidden_layer_may_have_its_own_keep_probability(problem):
    _, params, _, x, y = problem
    extras = [DropoutRegularizer(keep_each=(1.0, 1.0), keep=0.5)]  # both hidden layers keep everything
    net = network(SIZES, ACTIVATIONS, dtype="float64", extras=extras)
    plain = fit(network(SIZES, ACTIVATIONS, dtype="float64"), x, y, SGD(lr=0.1), steps=3, params=params)
    assert fit(net, x, y, SGD(lr=0.1), steps=3, params=params).costs == pytest.approx(plain.costs, rel=1e-12)


def test_batch_norm_evaluates_one_example_with_averaged_statistics(problem):
    _, _, _, x, y = problem
    net = network([2, 6, 1], ["relu", "sigmoid"], dtype="float64", extras=[BatchNormalization(momentum=0.5)])
    params = net.draw(HeNormal(), seed=1)
    trained = fit(net, x, y, Adam(lr=1e-9), steps=60, params=params)  # the averages settle, the weights stay
    tensors = net.views(trained.params)
    z = x @ tensors["0.dense.weight"]
    if "0.dense.bias" in tensors:
        z = z + tensors["0.dense.bias"]
    (scale,) = (v for k, v in tensors.items() if "scale" in k or "gamma" in k)
    (shift,) = (v for k, v in tensors.items() if "shift" in k or "beta" in k)
    hidden = np.maximum(0, scale * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5) + shift)
    *_, w, b = tensors.values()
    expected = 1 / (1 + np.exp(-(hidden @ w + b)))
    alone = np.concatenate([trained.predict(x[i : i + 1]) for i in range(5)])
    np.testing.assert_allclose(alone, expected[:5], rtol=0.02)


def test_averaged_parameters_get_statistics_of_their_own(problem):
    _, _, _, x, y = problem
    net = network([2, 6, 1], ["relu", "sigmoid"], dtype="float64", extras=[BatchNormalization()])
    trained = fit(net, x, y, ASGD(lr=0.5, start=0.0), steps=60, params=net.draw(HeNormal(), seed=1))
    again = fit(net, x, y, SGD(lr=0.0), steps=400, params=trained.params)
    assert trained.cost(x, y) == pytest.approx(again.cost(x, y), rel=1e-3)


def test_a_constraint_holds_from_the_first_step_on(problem):
    net, params, _, x, y = problem
    trained = fit(net, x, y, SGD(lr=0.5), steps=20, params=params, constraints=[MaxNorm(limit=0.5)])
    weight = next(iter(net.views(trained.params).values()))
    assert (np.linalg.norm(weight, axis=0) <= 0.5 + 1e-12).all()


def test_an_optimizer_may_ask_for_the_gradient_elsewhere(problem):
    net, params, _, x, y = problem
    seen = []

    class Looks(Optimizer):
        name = "looks"

        def __post_init__(self):
            pass

        def step(self, params, grads, state, context):
            here, other = context.gradient(params)
            there = context.gradient(params + 0.1)
            seen.append((here == context.loss, (other == grads).all(), there[0]))
            params -= 0.1 * grads

    trained = fit(net, x, y, Looks(), steps=4, params=params, penalties=[L2(strength=0.1)])
    assert all(same and equal for same, equal, _ in seen)
    assert seen[0][2] == pytest.approx(net.cost_and_gradient(params + 0.1, x, y, [L2(strength=0.1)])[0], rel=1e-12)
    plain = fit(net, x, y, SGD(lr=0.1), steps=4, params=params, penalties=[L2(strength=0.1)])
    assert (trained.costs == plain.costs).all()


def test_classes_and_hardmax():
    net = network([2, 3], ["softmax"], dtype="float64")
    x = np.array([[1.0, 0.0], [0.0, 1.0]])
    params = net.flat([np.array([[3.0, 1, 2], [0, 1, 2]]), np.zeros(3)])
    fitted = fit(net, x, [0, 2], SGD(lr=0.0), steps=1, params=params)
    assert fitted.classes(x).tolist() == [0, 2]
    assert fitted.hardmax(x).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert hardmax(np.array([[2.0, 2.0, 1.0]])).tolist() == [[1, 0, 0]]
    assert fitted.accuracy(x, [0, 1]) == 0.5
    assert fitted.accuracy(x, np.eye(3)[[0, 2]]) == 1.0
    p = np.exp([3.0, 1, 2]) / np.exp([3.0, 1, 2]).sum()
    q = np.exp([0.0, 1, 2]) / np.exp([0.0, 1, 2]).sum()
    assert fitted.costs[0] == pytest.approx(-(np.log(p[0]) + np.log(q[2])) / 2)
    np.testing.assert_allclose(fitted.predict(x), [p, q])


def test_regression_by_hand():
    net = network([1, 1], ["identity"], dtype="float64")
    params = net.flat({"0.dense.weight": [[2.0]], "0.dense.bias": [1.0]})
    fitted = fit(net, [[3.0]], [5.0], SGD(lr=0.1), steps=1, params=params)
    assert fitted.costs.tolist() == [4.0]
    assert fitted.params == pytest.approx([0.8, 0.6])


def test_input_normalizers_are_functions_of_the_training_examples(problem):
    _, _, _, x, _ = problem
    scaled = Standardize().fit(x)(x)
    assert scaled.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert scaled.std(axis=0) == pytest.approx([1, 1])


def test_minibatches_see_each_example_once_an_epoch_in_another_order():
    order = minibatches(10, 4, seed=3)
    epochs = [[next(order) for _ in range(3)] for _ in range(2)]
    for epoch in epochs:
        assert [len(b) for b in epoch] == [4, 4, 2]
        assert sorted(np.concatenate(epoch)) == list(range(10))
    assert np.concatenate(epochs[0]).tolist() != np.concatenate(epochs[1]).tolist()
    assert [b.tolist() for b in islice(minibatches(3, 2, shuffle=False), 3)] == [[0, 1], [2], [0, 1]]


def test_a_training_that_diverges_says_so_in_its_costs(problem):
    net, params, _, x, y = problem
    trained = fit(net, x, y, SGD(lr=1e200), steps=5, params=params)
    assert not np.isfinite(trained.costs[-1])


# ------------------------------------------------------------------------------------------------------ bad input

X, Y = np.zeros((6, 2)), np.zeros(6)
NET = network([2, 3, 1], ["relu", "sigmoid"])
THREE = network([2, 3], ["softmax"])
P = NET.draw(Zeros())


def fitting(x=X, y=Y, model=NET, params=P, optimizer=None, **more):
    return lambda: fit(model, x, y, optimizer or SGD(), **{"steps": 3, "params": params, **more})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (fitting(x=X.T), r"x: expected shape \(examples, 2\) .*got \(2, 6\); examples are rows"),
        (fitting(x=np.zeros((6, 3))), r"x: expected shape \(examples, 2\)"),
        (fitting(x=np.zeros((0, 2)), y=np.zeros(0)), r"got \(0, 2\)"),
        (fitting(y=Y[:4]), "one row an example, 6 of x, got 4"),
        (fitting(y=Y[None]), r"y: expected shape \(examples, 1\), got \(1, 6\); examples are rows"),
        (fitting(y=Y + 2), "0 and 1, or probabilities"),
        (fitting(y=Y + 3, model=THREE, params=THREE.draw(Zeros())), r"class numbers 0 … 2"),
        (fitting(params=P[:-1]), r"params: expected shape \(13,\) .*0\.dense\.weight \(2, 3\).*got \(12,\)"),
        (fitting(optimizer="adam"), r"optimizer must be an optimizer such as Adam"),
        (fitting(steps=-1), r"steps must be a whole number in \[0, 1000000000\], got -1"),
        (fitting(batches=[np.arange(3)]), "batches ended after 1 of 3 steps"),
        (fitting(batches=[np.array([6])] * 3), "indices 0 … 5"),
        (fitting(batches=[np.array([], int)] * 3), "indices 0 … 5"),
        (fitting(batches=[np.array([0.5])] * 3), "indices 0 … 5"),
        (lambda: network([2, 3, 1], ["relu"]), "expected one a layer, 2 for 3 sizes"),
        (lambda: network([2, 3, 1], ["rely", "sigmoid"]), "no activation 'rely'; did you mean 'relu'"),
        (lambda: network([2, 1], ["sigmoyd"]), "no output 'sigmoyd'; did you mean 'sigmoid'"),
        (lambda: network([2, 2], ["identity"], loss="softmax_cross_entropy"), "'softmax', not with 'identity'"),
        (lambda: network([2, 2], ["softmax"], loss="mean_squared_error"), "'identity', not with 'softmax'"),
        (lambda: network([2, 1], ["relu"], loss="binary_cross_entropy"), "'sigmoid', not with 'relu'"),
        (lambda: network([2, 2], ["sigmoid"], loss="softmax_cross_entropy"), "'softmax', not with 'sigmoid'"),
        (
            lambda: THREE.cost_and_gradient(THREE.draw(Zeros()), X, np.full((6, 3), 0.5)),
            r"rows that sum to 1 \(one-hot, or probabilities\).* got one that sums to 1.5",
        ),
        (lambda: network([2, 1], ["softmax"]), "softmax needs at least 2 outputs"),
        (lambda: network([2, 0, 1], ["relu", "sigmoid"]), r"sizes\[1\] must be a whole number in \[1, inf\), got 0"),
        (lambda: network([2, 1], ["sigmoid"], dtype="float16"), "dtype must be 'float32' or 'float64'"),
        (lambda: network([2, 1], ["sigmoid"], loss="hinge"), "loss: there is none called 'hinge'"),
        (lambda: network([2, 1], ["sigmoid"], extras=[L2()]), r"extras\[0\] must be a normalizer of hidden layers or"),
        (lambda: NET.draw("he"), "initializer must be an initializer such as HeNormal"),
        (lambda: NET.flat([np.zeros((3, 2))] + [np.zeros(3), np.zeros((3, 1)), np.zeros(1)]), "transpose it"),
        (lambda: NET.flat([np.zeros((2, 3))]), "expected 4 tensors, got 1"),
        (lambda: NET.flat({"0.dense.wait": np.zeros((2, 3))}), "tensor"),
        (lambda: NET.views(P[:3]), r"expected shape \(13,\)"),
        (lambda: minibatches(10, 11), r"batch_size must be a whole number in \[1, 10\], got 11"),
        (lambda: minibatches(10, 0), r"batch_size must be a whole number in \[1, 10\], got 0"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_what_was_expected(call, message):
    with pytest.raises(OptbenchError, match=message):
        call()


def test_the_squared_error_of_a_sigmoid_is_of_its_activations():
    net = network([2, 3, 1], ["tanh", "sigmoid"], dtype="float64", loss="mean_squared_error")
    params = np.random.default_rng(1).normal(size=net.layout.size)
    w1, b1, w2, b2 = net.views(params).values()
    outputs = 1 / (1 + np.exp(-(np.tanh(X @ w1 + b1) @ w2 + b2)))
    cost, grads = net.cost_and_gradient(params, X, Y)
    assert cost == pytest.approx(float(((outputs[:, 0] - Y) ** 2).mean()), rel=1e-12)
    differences = central_differences(lambda: net.cost_and_gradient(params, X, Y)[0], params)
    assert np.allclose(grads, differences, atol=1e-8)
    trained = fit(net, X, Y, SGD(lr=0.5), steps=3, params=params)
    assert np.all((trained.predict(X) > 0) & (trained.predict(X) < 1))


@pytest.mark.parametrize("output", ["identity", "sigmoid", "tanh"])
def test_a_single_output_decides_between_0_and_1_at_one_half(output):
    net = network([1, 1], [output], dtype="float64", loss="mean_squared_error")
    inverse = {"identity": 0.5, "sigmoid": 0.0, "tanh": np.arctanh(0.5)}[output]
    x = inverse + np.array([[-1e-6], [1e-6]])
    trained = fit(net, x, [0, 1], SGD(), steps=0, params=net.flat([[[1.0]], [0.0]]))
    assert trained.classes(x).tolist() == [0, 1]
    assert trained.accuracy(x, [0, 1]) == 1
