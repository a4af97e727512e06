"""y + a x by BLAS, and the sums that are kept by it."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.builtin.optimizers import Adam
from optbench.builtin.optimizers.axpy import axpy
from optbench.builtin.optimizers.sums import LEAST_SCALE
from optbench.contract.layout import Layout


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("step", [1, 2], ids=["contiguous", "with gaps"])
def test_values_in_place(dtype, step):
    x = np.arange(7, dtype=dtype)
    whole = np.ones(7 * step, dtype)
    axpy(-0.5, x, whole[::step])
    assert whole.dtype == dtype
    assert np.array_equal(whole[::step], 1 - 0.5 * x)
    assert whole[1::2].sum() == (7 if step == 2 else (1 - 0.5 * x)[1::2].sum())


def test_nothing_is_added_to_nothing():
    axpy(1.0, np.zeros(0), np.zeros(0))


@given(beta=st.floats(0, 0.999), steps=st.integers(1, 80))
def test_a_scaled_sum_is_the_sum(beta, steps):
    optimizer = Adam(beta1=beta)
    state = optimizer.init(np.zeros(3), Layout.of({"w": (3,)}))
    rng = np.random.default_rng(steps)
    expected = np.zeros(3)
    for _ in range(steps):
        x = rng.normal(size=3)
        expected = beta * expected + x
        scale = optimizer.add(state, "m", x)
        assert LEAST_SCALE <= scale == state["scales"]["m"] <= 1
    assert np.allclose(scale * state["m"], expected, rtol=1e-12, atol=1e-13)


def test_a_state_of_an_earlier_version_has_no_scales():
    optimizer, layout = Adam(), Layout.of({"w": (3,)})
    state = optimizer.init(np.zeros(3), layout)
    del state["scales"]
    assert optimizer.load(state, np.zeros(3), layout)["scales"] == {"m": 1.0, "v": 1.0}


def test_a_blas_that_is_loaded_within_a_limit_keeps_it():
    code = """
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits
from optbench.builtin.optimizers.axpy import axpy
with threadpool_limits(1):
    axpy(1.0, np.ones(5), np.ones(5))
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
assert len(pools) > 0 and all(pool["num_threads"] == 1 for pool in pools), pools
"""
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
