"""Plugins that can be imported."""

import sys

import pytest

from support.plugins import entry_point


@pytest.fixture
def importable(tmp_path, monkeypatch):
    """Writes a module that can be imported, and gives its entry point."""
    monkeypatch.syspath_prepend(tmp_path)
    names = []

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        names.append(name)
        return entry_point("p", name)

    yield write
    for name in names:
        sys.modules.pop(name, None)
