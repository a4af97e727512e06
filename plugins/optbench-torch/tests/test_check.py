"""`optbench check torch:…`: of which kind an object is, and what is said of it."""

import pytest

pytest.importorskip("torch")

import optbench_torch

from optbench.testing import checking, registry_of

REGISTRY = registry_of(optbench_torch)


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
    results = list(checking.target(f"torch:{name}", REGISTRY).run())
    assert {result.verdict for result in results} == {"passed"}
    assert f"check_{checked}" in {result.check for result in results}


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
    results = list(checking.target(f"torch:{name}", REGISTRY).run())
    assert any(said in result.message for result in results if result.verdict == "failed")
