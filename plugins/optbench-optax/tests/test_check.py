"""`optbench check jax:…`: of which kind an object is, and what is said of it."""

import os
import subprocess
import sys
from pathlib import Path

import optbench_optax
import pytest

from optbench.testing import registry_of

REGISTRY = registry_of(optbench_optax)


def check(name):
    """(exit status, what it tells) of the command, in a process of its own."""
    command = [sys.executable, "-m", "optbench.cli", "check", f"jax:{name}"]
    answer = subprocess.run(
        command, cwd=Path(__file__).parent, env={**os.environ, "COLUMNS": "500"}, capture_output=True, text=True
    )
    return answer.returncode, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("jax:jax_models:mlp", "networks"),
        ("jax:jax_recipes:classes", "problems"),
        ("jax:jax_recipes:trained", "problems"),
        ("optax:optax:adam", "optimizers"),
    ],
)
def test_an_object_is_of_the_kind_that_it_is_for(path, kind):
    assert REGISTRY.kind_of(path) == kind


@pytest.mark.parametrize(
    ("name", "checked"), [("jax_models:mlp", "network_gradient"), ("jax_recipes:trained", "problem_gradient")]
)
def test_what_is_right_passes(name, checked):
    status, told = check(name)
    assert status == 0, told
    assert f"passed    {checked}" in told


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("jax_models:nothing", "has no parameters to train"),
        ("jax_models:counting", "apply is not pure"),
        ("jax_models:required", "missing 1 required keyword-only argument: 'width'"),
        ("jax_recipes:nothing", "gave a int; let it return optbench_optax.workload"),
        ("jax_models:nowhere", "jax_models has no 'nowhere'"),
    ],
)
def test_what_is_wrong_is_said(name, said):
    status, told = check(name)
    assert status in (1, 2)
    assert said in told
