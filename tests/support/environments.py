"""Environments of their own, in which distributions are really installed."""

import os
import site
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Place:
    """An environment that sees this one's packages and has the new distributions."""

    def __init__(self, folder):
        self.folder = folder
        venv.create(folder / "env", with_pip=False)
        self.python = next((folder / "env").glob("[bS]*/python*"))
        packages = self.call("-c", "import site; print(site.getsitepackages()[0])").stdout.strip()
        # addsitedir, not a plain path: it also reads this environment's own .pth files (editable installs).
        lines = [f"import site; site.addsitedir({path!r})\n" for path in site.getsitepackages()]
        # This checkout is the optbench of all, also for asv, which passes no PYTHONPATH on.
        (Path(packages) / "outer.pth").write_text("".join([f"{ROOT}\n", f"{ROOT / 'suites'}\n", *lines]))

    def call(self, *arguments, cwd=None):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPTBENCH_", "PYTEST_", "PYTHONPATH"))}
        done = subprocess.run(
            [self.python, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd or self.folder,
            env={**clean, "COLUMNS": "200"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def shell(self, script, cwd, variables=()):
        """What a script of a workflow ended with, in bash as GitHub calls it."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPTBENCH_", "PYTEST_", "PYTHON"))}
        paths = os.pathsep.join([str(self.python.parent), os.environ["PATH"]])
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script], capture_output=True, text=True, check=False, cwd=cwd,
            env={**clean, "COLUMNS": "200", "PATH": paths, **dict(variables)},
        )  # fmt: skip

    def install(self, *what):
        pip = [sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check"]
        options = ["--no-deps", *(["--no-build-isolation"] if find_spec("hatchling") else [])]
        done = subprocess.run(
            [*pip, "install", "--quiet", *options, *map(str, what)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
