"""Tiny suites as TOML, for tests that really run them."""

import json

ACCURATE = {"metric": "validation_accuracy", "value": 0.8}
LOW = {"metric": "train_loss", "value": 0.01}


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml(item)}" for name, item in value.items()) + " }"
    return json.dumps(value)


def table(head, fields):
    return "\n".join([head, *(f"{name} = {toml(value)}" for name, value in fields.items())]) + "\n"


def suite(*tables, title="Tiny", seeds=2, tuning=(("trials", 2),), **more):
    """The text of a suite: `tables` are texts from the functions below, or any others."""
    head = table("", {"title": title, "seeds": seeds, **more})
    return head + table("[tuning]", dict(tuning)) + "".join(tables)


def workload(name, **fields):
    return table("[[workloads]]", {"name": name, **fields})


def moons(name="moons", samples=120, hidden=(8,), epochs=4, **more):
    """Two moons and a small network: a trial takes some hundredths of a second."""
    dataset, network = {"name": "two-moons", "samples": samples}, {"kind": "mlp", "hidden": hidden}
    return workload(name, dataset=dataset, network=network, epochs=epochs, **more)


def bowl(name="bowl", steps=60, **more):
    return workload(name, function="quadratic", steps=steps, **more)


def valley(steps, **more):
    return workload("valley", function="rosenbrock", steps=steps, **more)


def candidate(name, **fields):
    return table("[[candidates]]", {"name": name, **fields})


def searched(*names):
    """Candidates with these optimizers, whose learning rates are searched."""
    return "".join(candidate(name, optimizer={"name": name, "search": ["lr"]}) for name in names)


def topic(name, **fields):
    return table("[[topics]]", {"name": name, **fields})


def claim(statement, workloads=("moons", "other"), metric="steps_to_target", **fields):
    return table("[[claims]]", {"statement": statement, "workloads": workloads, "metric": metric, **fields})
