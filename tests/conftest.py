"""Optimizers that do everything wrong, as an installed plugin, for tests of whoever must survive them."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def install_hostile():
    """Installs the distribution hostile-optimizers 1.0 into a folder, which then belongs on a Python path."""

    def install(folder, version="1.0"):
        shutil.copy(Path(__file__).with_name("hostile_optimizers.py"), folder)
        info = folder / "hostile_optimizers.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: hostile-optimizers\nVersion: {version}\n")
        (info / "entry_points.txt").write_text("[optbench]\nhostile = hostile_optimizers\n")

    return install
