"""`optbench check jax:…`: of which kind an object is, and what is said of it."""

import optbench_optax
import pytest

from optbench.testing import checking, registry_of

REGISTRY = registry_of(optbench_optax)


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
    results = list(checking.target(f"jax:{name}", REGISTRY).run())
    assert {result.verdict for result in results} == {"passed"}
    assert f"check_{checked}" in {result.check for result in results}


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
    results = list(checking.target(f"jax:{name}", REGISTRY).run())
    assert any(said in result.message for result in results if result.verdict == "failed")
