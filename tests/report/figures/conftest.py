import pytest


@pytest.fixture(scope="module")
def few(make_results):
    return make_results(["sgd", "adam"], ["digits-mlp", "diabetes-regression"], seeds=3, tune=4, points=6)
