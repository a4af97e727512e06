"""Networks get the inputs that they can read, and say so where they cannot."""

import pytest

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.training.assembly import assemble
from optbench.training.trainer import collect
from optbench.trials.trial import Trial

COPYING = {"name": "copy-memory", "samples": 600, "length": 2, "delay": 2}


def trial(dataset, network, regularizers=(), normalizers=()):
    workload = {
        "dataset": dataset,
        "network": {"name": network},
        "split": {"validation": 0.1, "test": 0.1, "seed": 0},
        "batch_size": 32,
        "dtype": "float32",
        "steps": 1,
        "evaluate_every": 1,
    }
    components = {
        "optimizer": {"name": "sgd"},
        "schedule": {"name": "constant"},
        "initializer": {"name": "he"},
        "normalizers": [{"name": n} for n in normalizers],
        "regularizers": [{"name": n} for n in regularizers],
    }
    return Trial(workload, components, 1, providers={})


@pytest.mark.parametrize("network", ["mlp", "cnn", "resnet", "linear"])
def test_tokens_are_not_for_networks_of_values(network):
    with pytest.raises(
        OptbenchError,
        match=rf"network {network} does not fit dataset copy-memory, which is tokens, and a class at each position; "
        r"take one of: .*gru.*lstm",
    ):
        assemble([trial(COPYING, network)], registry())


@pytest.mark.parametrize(
    ("dataset", "network", "message"),
    [
        ("karate-club", "mlp", r"network mlp does not fit dataset karate-club, which is graph, and a class at each "
         "node; take one of: gcn, gin"),
        ("random-graphs", "cnn", "cnn does not fit dataset random-graphs, which is graphs; take one of: gcn, gin"),
        ("digits", "gcn", "network gcn does not fit dataset digits, which is values; take one of: linear, mlp"),
        ("two-moons", "gin", "network gin does not fit dataset two-moons, which is values; take one of: linear, mlp"),
    ],
)  # fmt: skip
def test_graphs_are_for_networks_of_graphs(dataset, network, message):
    with pytest.raises(OptbenchError, match=message):
        assemble([trial({"name": dataset}, network)], registry())


@pytest.mark.parametrize("regularizer", ["gaussian-noise", "shifts"])
def test_edges_are_not_changed(regularizer):
    with pytest.raises(OptbenchError, match=f"regularizer {regularizer} .*tokens, categories or edges.*leave it out"):
        assemble([trial({"name": "random-graphs"}, "gin", [regularizer])], registry())


@pytest.mark.parametrize(
    ("network", "first"), [("linear", "OneHot"), ("mlp", "CategoryEmbedding"), ("residual-mlp", "CategoryEmbedding")]
)
def test_networks_of_values_make_some_of_categories(network, first):
    training = assemble([trial({"name": "clicks", "samples": 300}, network)], registry())
    assert type(training.problem.network.layers[0]).__name__ == first
    (run,) = collect(training)
    assert run.outcome == "done"


@pytest.mark.parametrize(
    ("dataset", "network", "what", "others"),
    [
        ("clicks", "siren", "categories", "linear.*mlp.*dlrm"),
        ("clicks", "lstm", "categories", "mlp.*dlrm"),
        ("digits", "matrix-factorization", "values", "linear.*cnn"),
        ("digits", "transformer", "values", "linear.*vit"),
        ("clicks", "vit", "categories", "mlp.*ft-transformer"),
        ("iris", "dlrm", "values", "linear"),
        ("copy-memory", "dlrm", "tokens, and a class at each position", "lstm"),
    ],
)
def test_categories_are_for_networks_that_read_them(dataset, network, what, others):
    wanted = f"network {network} does not fit dataset {dataset}, which is {what}; take one of: .*{others}"
    with pytest.raises(OptbenchError, match=wanted):
        assemble([trial({"name": dataset}, network)], registry())


def test_a_factorization_is_of_pairs():
    with pytest.raises(OptbenchError, match=r"needs two columns of categories.*have 4 and 4 of values; take.*dlrm"):
        assemble([trial({"name": "clicks"}, "matrix-factorization")], registry())


@pytest.mark.parametrize("regularizer", ["gaussian-noise", "shifts"])
def test_categories_are_not_computed_with(regularizer):
    with pytest.raises(OptbenchError, match=f"{regularizer} changes mini-batches.*categories.*leave it out"):
        assemble([trial({"name": "clicks"}, "dlrm", [regularizer])], registry())


@pytest.mark.parametrize(
    ("regularizer", "reason"),
    [("gaussian-noise", "one-hot targets"), ("label-smoothing", "one-hot targets"), ("shifts", "one-hot targets")],
)
def test_mini_batches_of_sequences_are_not_changed(regularizer, reason):
    with pytest.raises(OptbenchError, match=rf"regularizer {regularizer} changes mini-batches.*{reason}.*leave it out"):
        assemble([trial(COPYING, "gru", [regularizer])], registry())


def test_tokens_are_not_normalized():
    with pytest.raises(OptbenchError, match=r"copy-memory: its inputs are tokens.*leave out normalizer min-max"):
        assemble([trial(COPYING, "gru", normalizers=["min-max"])], registry())
