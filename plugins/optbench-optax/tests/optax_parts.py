"""Methods put together from optax's parts, where optax's own alias has another form: see test_optax_oracle.py."""

import jax
import optax


def weights(params):
    """Of a dense network, matrices are weights, vectors biases."""
    return jax.tree.map(lambda tensor: tensor.ndim > 1, params)


def lamb(learning_rate=0.01, decay=0.01):
    return optax.chain(
        optax.scale_by_adam(eps=1e-6),
        optax.add_decayed_weights(decay, mask=weights),
        optax.masked(optax.scale_by_trust_ratio(), weights),
        optax.scale_by_learning_rate(learning_rate),
    )


def lars(learning_rate=0.1, trust=0.02):
    return optax.chain(
        optax.masked(optax.scale_by_trust_ratio(trust_coefficient=trust), weights),
        optax.trace(0.9),
        optax.scale_by_learning_rate(learning_rate),
    )


def clip_norm(learning_rate=0.1, limit=0.5):
    return optax.chain(optax.clip_by_global_norm(limit), optax.scale_by_learning_rate(learning_rate))


def clip_value(learning_rate=0.1, limit=0.02):
    return optax.chain(optax.clip(limit), optax.scale_by_learning_rate(learning_rate))
