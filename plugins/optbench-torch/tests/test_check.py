"""`optbench check torch:…`: of which kind an object is, and what is said of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

import optbench_torch

from optbench.testing import registry_of

REGISTRY = registry_of(optbench_torch)



def check(name):
    """(exit status, what it tells) of the command, in a process of its own."""
    command = [sys.executable, "-m", "optbench.cli", "check", f"torch:{name}"]
    answer = subprocess.run(
        command, cwd=Path(__file__).parent, env={**os.environ, "COLUMNS": "500"}, capture_output=True, text=True
    )
    return answer.returncode, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("torch.optim:Adam", "optimizers"),
        ("recipes:stepper", "optimizers"),
        ("torch.optim.lr_scheduler:StepLR", "schedules"),
        ("models:ViT", "networks"),
        ("models:shallow", "networks"),
        ("recipes:trained", "problems"),
        ("recipes:classes", "problems"),
        ("recipes:nothing", "problems"),
    ],
)
def test_an_object_is_of_the_kind_that_it_is_for(path, kind):
    assert REGISTRY.kind_of(f"torch:{path}") == kind


@pytest.mark.parametrize(
    ("name", "checked"),
    [("models:shallow", "network_gradient"), ("recipes:trained", "problem_gradient")],
)
def test_what_is_right_passes(name, checked):
    status, told = check(name)
    assert status == 0, told
    assert f"passed    {checked}" in told


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("models:Nothing", "has no parameters to train"),
        ("models:Explodes", "gradient of product.weight is not finite"),
        ("models:Block", "missing"),
        ("recipes:nothing", "gave a int; let it return optbench_torch.workload"),
        ("models:Nowhere", "models has no 'Nowhere'"),
    ],
)
def test_what_is_wrong_is_said(name, said):
    status, told = check(name)
    assert status in (1, 2)
    assert said in told
