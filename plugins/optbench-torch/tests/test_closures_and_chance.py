"""Further gradients, which are counted, and chance, which is the trial's own."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from foreign import LAYOUT, Draws, at_work, named  # noqa: E402

from optbench import Context, Layout  # noqa: E402


def bowl(at):
    return float(0.5 * (at * np.arange(1, at.size + 1)) @ at), at * np.arange(1, at.size + 1)


def test_lbfgs_evaluates_further_gradients_which_are_counted():
    layout = Layout.of({"w": (4, 5)})
    params = np.ones(20)
    calls = []

    def gradient(at, out=None):
        calls.append(at.copy())
        value, found = bowl(at)
        return value, found

    context = Context(layout, loss=lambda: bowl(params)[0], gradient=gradient)
    lbfgs = named("torch/lbfgs")(max_iter=10, line_search_fn="strong_wolfe")
    state = lbfgs.init(params, layout)
    for _ in range(4):
        lbfgs.step(params, bowl(params)[1], state, context)
    assert bowl(params)[0] < 1e-8
    # The gradient where a step begins is the step's own.
    assert not any(np.array_equal(at, np.ones(20)) for at in calls)
    assert context.extra_gradients == len(calls) > 10


def test_chance_is_the_trials_own():
    runs = {}
    for seed in (1, 1, 2):
        optimizer, params, grads, state, _ = at_work(Draws, flags=frozenset({"random"}))
        context = Context(LAYOUT, rng=np.random.default_rng(seed))
        torch.rand(3)  # somebody else's draws change nothing
        for _ in range(3):
            optimizer.step(params, grads, state, context)
        runs.setdefault(seed, []).append(params)
    assert runs[1][0].tobytes() == runs[1][1].tobytes()
    assert runs[1][0].tobytes() != runs[2][0].tobytes()


@pytest.mark.parametrize("flags", [{"random"}, {"random", "numpy"}])
def test_chance_of_others_is_left_alone(flags):
    optimizer, params, grads, state, context = at_work(Draws, flags=frozenset(flags))
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    expected = torch.rand(2), np.random.random(2)  # noqa: NPY002
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    optimizer.step(params, grads, state, context)
    assert torch.equal(torch.rand(2), expected[0])
    np.testing.assert_array_equal(np.random.random(2), expected[1])  # noqa: NPY002
