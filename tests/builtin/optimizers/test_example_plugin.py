"""The example plugin, as it stands in the repository, registers beside the built-ins. Its own tests are with it."""

import importlib.util
import tomllib
from pathlib import Path

import numpy as np

from optbench import Context
from optbench.contract.layout import Layout
from optbench.registry.registry import Registry

FOLDER = Path(__file__).parents[3] / "plugins" / "optbench-lion"


def test_the_example_plugin_registers_and_steps():
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    ((name, module_name),) = project["entry-points"]["optbench"].items()
    spec = importlib.util.spec_from_file_location(module_name, FOLDER / f"{module_name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    registry = Registry()
    registry.register(module, f"{project['name']}:{name}", project["name"], project["version"])
    assert registry.problems == []
    lion = registry.create("optimizers", {"name": "lion", "lr": 0.5})
    layout, params = Layout.of({"w": (2,)}), np.zeros(2)
    lion.step(params, np.array([3.0, -0.1]), lion.init(params, layout), Context(layout))
    np.testing.assert_allclose(params, [-0.5, 0.5])
