"""The rows of the comparison, a family of them a file: rows that share a work share their rounds."""

from importlib import import_module
from importlib.util import find_spec

from peers.rows.base import Family, Row

#: in the order of the table
FAMILIES = (
    *("linear", "mlp", "deep", "residual", "autoencoder", "autoencoder_large", "vae", "large"),
    *("fourier", "siren", "physics"),
    *("cnn_digits", "cnn_mnist", "resnet", "rnn", "gru", "lstm", "lstm_characters"),
    *("factorization", "recommender", "dlrm", "ft_transformer"),
    *("gcn", "gcn_sparse", "gin"),
    *("transformer", "transformer_large", "vit", "mixer"),
    *("stack", "cold", "start", "update", "trainer", "workers", "whole"),
)


def family(name: str) -> Family:
    if name.startswith("update-"):
        from peers import updating

        return updating.family(name)
    return import_module(f"peers.rows.{name}").FAMILY


def installed(module: str) -> bool:
    return find_spec(module) is not None


__all__ = ["FAMILIES", "Family", "Row", "family", "installed"]
