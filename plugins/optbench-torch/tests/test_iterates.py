"""Methods that evaluate elsewhere than they train, and constraints on all their iterates."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from foreign import LAYOUT, named  # noqa: E402

from optbench import Context  # noqa: E402


def po(name, **settings):
    pytest.importorskip("pytorch_optimizer")
    return named(f"pytorch-optimizer/{name}")(**settings)


@pytest.mark.filterwarnings("ignore")
def test_schedule_free_evaluates_its_average_and_training_does_not_notice():
    optimizer = po("schedulefreesgd", lr=0.5)
    paths = []
    for evaluate in (False, True):
        params = np.linspace(-1, 1, LAYOUT.size)
        state, context = optimizer.init(params, LAYOUT), Context(LAYOUT)
        for _ in range(8):
            optimizer.step(params, params.copy(), state, context)
            if evaluate:
                found = optimizer.evaluation_params(params, state)
                assert not np.shares_memory(found, params)
        paths.append(params.copy())
    assert paths[0].tobytes() == paths[1].tobytes()
    assert not np.allclose(found, params)
    # y = (1 - beta) z + beta x, where training is at y and the average is x
    z = optimizer.iterates(params, state)[1]
    np.testing.assert_allclose(params, 0.1 * z + 0.9 * found, rtol=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_a_constraint_reaches_every_iterate():
    optimizer = po("schedulefreesgd", lr=0.5)
    params = np.linspace(-1, 1, LAYOUT.size)
    state, context = optimizer.init(params, LAYOUT), Context(LAYOUT)
    assert len(optimizer.iterates(params, state)) == 1  # z does not exist yet
    for _ in range(5):
        optimizer.step(params, -np.ones_like(params), state, context)
        for vector in optimizer.iterates(params, state):
            np.clip(vector, -0.2, 0.2, out=vector)
    assert len(optimizer.iterates(params, state)) == 2
    assert np.abs(params).max() <= 0.2 + 0.5 + 1e-12
    assert np.abs(optimizer.evaluation_params(params, state)).max() <= 0.21
